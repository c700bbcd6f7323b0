// The other side of the fetcher: one well-behaved HTTPS server and a crowd of bad ones.
//
// node server.mjs CERTIFICATE-DIRECTORY LOG-FILE
// Prints one JSON line with the port of each server, then runs until its standard input ends.
// Writes a line to the log for every connection and every request, for the test to count.
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import zlib from 'node:zlib';

const [directory, logFile] = process.argv.slice(2);
const log = (...words) => appendFileSync(logFile, `${words.join(' ')}\n`);
const pem = (name) => ({
    key: readFileSync(`${directory}/${name}.key`),
    cert: readFileSync(`${directory}/${name}.pem`),
});

const ports = {};
const listen = (name, server, host = '127.0.0.1') =>
    new Promise((resolve) => {
        server.on('error', (error) => {
            log('error', name, error.code);
            resolve(); // a machine without IPv6
        });
        server.on('tlsClientError', (error) => log('tls-error', name, error.code));
        server.listen(0, host, () => {
            ports[name] = server.address().port;
            resolve();
        });
    });

// ---- the good one -------------------------------------------------------------------------------

const answer = (request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
        const headers = request.headers;
        log('request', request.method, request.url, headers.authorization ?? '-', body || '-');
        response.setHeader('Content-Type', 'application/json');
        response.setHeader('Cache-Control', 'public, max-age=600');
        response.setHeader('Age', '7');
        const status = Number(/^\/status\/(\d+)/.exec(request.url)?.[1] ?? 200);
        if (status >= 300 && status < 400) {
            response.setHeader('Location', 'https://127.0.0.1:1/elsewhere');
        }
        if (status === 429) {
            response.setHeader('Retry-After', '5');
        }
        response.writeHead(status);
        const wait = Number(/^\/later\/(\d+)/.exec(request.url)?.[1] ?? 0);
        setTimeout(() => response.end(JSON.stringify({ method: request.method, url: request.url, headers, body })), wait);
    });
};

const good = https.createServer({ ...pem('good'), keepAliveTimeout: 60000 }, answer);
good.on('secureConnection', () => log('connection good'));
good.on('keylog', () => {});

// Closes a connection that is silent for a moment.
const brief = https.createServer({ ...pem('good'), keepAliveTimeout: 100 }, answer);
brief.on('secureConnection', () => log('connection brief'));

// ---- the bad ones, byte by byte -----------------------------------------------------------------

const json = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const drip = (socket, ms, piece) => {
    const timer = setInterval(() => socket.write(piece), ms);
    socket.on('close', () => clearInterval(timer));
};
const flood = (socket, piece) => {
    const more = () => {
        while (!socket.destroyed && socket.write(piece)) {
            // until its buffer is full
        }
    };
    socket.on('drain', more);
    more();
};
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
const bomb = () => zlib.gzipSync(Buffer.alloc(10 * 1024 * 1024));

const tricks = {
    '/silent': () => {},
    '/slow-headers': (s) => drip(s, 2000, 'H'),
    '/slow-body': (s) => {
        s.write(`${json}Content-Length: 100\r\n\r\n`);
        drip(s, 2000, 'x');
    },
    '/endless': (s) => {
        s.write(`${json}\r\n`);
        flood(s, 'x'.repeat(16384));
    },
    '/endless-chunks': (s) => {
        s.write(`${json}Transfer-Encoding: chunked\r\n\r\n`);
        flood(s, chunk('x'.repeat(1000)));
    },
    '/endless-headers': (s) => {
        s.write('HTTP/1.1 200 OK\r\n');
        flood(s, 'X-Filler: 0123456789012345678901234567890123456789\r\n');
    },
    '/5000-headers': (s) => s.end(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(5000)}\r\n{}`),
    '/201-headers': (s) => s.end(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(200)}\r\n{}`),
    '/long-header': (s) => s.end(`HTTP/1.1 200 OK\r\nA: ${'b'.repeat(1024 * 1024)}\r\n\r\n{}`),
    '/large-known': (s) => s.end(`${json}Content-Length: 600000\r\n\r\n${'x'.repeat(600000)}`),
    '/large-unknown': (s) => s.end(`${json}\r\n${'x'.repeat(600000)}`),
    '/exactly': (s) => s.end(`${json}Content-Length: 524288\r\n\r\n${'x'.repeat(524288)}`),
    '/one-more': (s) => s.end(`${json}\r\n${'x'.repeat(524289)}`),
    '/gzip': (s) => {
        s.write(`${json}Content-Encoding: gzip\r\n\r\n`);
        s.end(bomb());
    },
    '/gzip-transfer': (s) => {
        s.write(`${json}Transfer-Encoding: gzip\r\n\r\n`);
        s.end(bomb());
    },
    '/identity': (s) => s.end(`${json}Content-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}`),
    '/length-2-63': (s) => s.end(`${json}Content-Length: 9223372036854775808\r\n\r\n{}`),
    '/length-negative': (s) => s.end(`${json}Content-Length: -1\r\n\r\n{}`),
    '/length-twice': (s) => s.end(`${json}Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}`),
    '/length-short': (s) => s.end(`${json}Content-Length: 200\r\n\r\n{}`),
    '/cut': (s) => {
        s.write(`${json}Content-Length: 200\r\n\r\n{`);
        setTimeout(() => s.destroy(), 50);
    },
    '/reset': (s) => {
        s.write(`${json}Content-Length: 200\r\n\r\n{`, () => s._parent.resetAndDestroy());
    },
    '/hang-up': (s) => s.destroy(),
    // 200, and no document
    ...Object.fromEntries(Object.entries({
        '/empty': '',
        '/html': '<!DOCTYPE html><p>Sorry</p>',
        '/cut-json': '{"keys":[',
        '/byte-order-mark': '\ufeff{"keys":[]}',
        '/utf-16': Buffer.from('\ufeff{"keys":[]}', 'utf16le'),
        '/name-twice': '{"keys":[],"keys":[]}',
        '/list': '[]',
        '/no-keys': '{"keys":[]}',
    }).map(([path, body]) => [path, (s) => {
        s.write(`${json}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
        s.end(body);
    }])),
    '/to-a-file': (s) => s.end('HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 2\r\n\r\n{}'),
    '/not-http': (s) => s.end('SSH-2.0-OpenSSH_9.2p1\r\n'),
    '/http-0.9': (s) => s.end('{"keys":[]}'),
    '/status-999': (s) => s.end('HTTP/1.1 999 odd\r\nContent-Length: 2\r\n\r\n{}'),
    '/interim': (s) =>
        s.end(`HTTP/1.1 103 Early Hints\r\nCache-Control: max-age=1\r\nAge: 1\r\n\r\n${json}Content-Length: 2\r\n\r\n{}`),
    '/trailer': (s) =>
        s.end(`${json}Transfer-Encoding: chunked\r\n\r\n${chunk('{}')}0\r\nCache-Control: max-age=9\r\n\r\n`),
    '/odd-headers': (s) =>
        s.end(`HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\ncache-control: max-age=5\r\nAge: 1\r\nAge: 2\r\nDate: a\x01b\r\nRetry-After: ${'9'.repeat(257)}\r\nContent-Type: ${'t'.repeat(256)}\r\nContent-Length: 2\r\n\r\n{}`),
    '/cookie': (s) => s.end(`${json}Set-Cookie: a=b; Path=/\r\nContent-Length: 2\r\n\r\n{}`),
};

const trick = (socket) => {
    let head = '';
    log('connection bad');
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
        head += bytes.toString('latin1');
        if (head.includes('\r\n\r\n')) {
            const path = head.split(' ')[1];
            log('request', path);
            head = '';
            (tricks[path] ?? (() => socket.destroy()))(socket);
        }
    });
};

// ---- a proxy that knows one name only it can resolve --------------------------------------------

const tunnel = (request, client) => {
    log('proxy', request.url, request.headers['proxy-authorization'] ?? '-');
    client.on('error', () => {});
    if (request.url.startsWith('forbidden')) {
        client.end('HTTP/1.1 403 Forbidden\r\nContent-Encoding: gzip\r\n\r\n');
        return;
    }
    const upstream = net.connect(Number(request.url.split(':').at(-1)), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connected\r\nAge: 99\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
};
const refuse = (_, response) => response.writeHead(400).end();
const proxy = http.createServer(refuse).on('connect', tunnel);
const tlsProxy = https.createServer(pem('good'), refuse).on('connect', tunnel);
const unknownProxy = https.createServer(pem('unknown'), refuse).on('connect', tunnel);
const otherProxy = https.createServer(pem('otherhost'), refuse).on('connect', tunnel);

const deaf = net.createServer((socket) => {
    log('connection deaf');
    socket.on('error', () => {});
});

const old = {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
};

await listen('good', good);
await listen('brief', brief);
await listen('bad', tls.createServer(pem('good'), trick));
for (const name of ['selfsigned', 'otherhost', 'expired', 'unknown']) {
    await listen(name, https.createServer(pem(name), answer));
}
await listen('tls11', https.createServer({ ...pem('good'), ...old }, answer));
await listen('tls12', https.createServer({ ...pem('good'), maxVersion: 'TLSv1.2' }, answer));
await listen('plain', http.createServer(answer));
await listen('deaf', deaf);
await listen('proxy', proxy);
await listen('tlsproxy', tlsProxy);
await listen('unknownproxy', unknownProxy);
await listen('otherproxy', otherProxy);
await listen('good6', https.createServer(pem('good'), answer), '::1');
console.log(JSON.stringify(ports));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
