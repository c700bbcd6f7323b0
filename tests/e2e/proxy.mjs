// A proxy for HTTPS, or a trap for whoever uses one unasked.
//
// node proxy.mjs LOG-FILE
// Prints its port on 127.0.0.1, then runs until its standard input ends. Writes a line to the log
// for each connection and each CONNECT.
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const log = (...words) => appendFileSync(process.argv[2], `${words.join(' ')}\n`);
const proxy = http.createServer((request, response) => {
    log('request', request.method, request.url);
    response.writeHead(400).end();
});
proxy.on('connection', () => log('connection'));
proxy.on('connect', (request, client) => {
    const [host, port] = request.url.split(':');
    log('connect', request.url);
    client.on('error', () => {});
    const server = net.connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        server.pipe(client).pipe(server);
    });
    server.on('error', () => client.destroy());
});
proxy.listen(0, '127.0.0.1', () => console.log(proxy.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
