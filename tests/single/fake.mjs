// Servers that speak RESP wrongly: `fake.mjs NAME...` listens on a port of 127.0.0.1 for each of these
// names and prints `NAME PORT` lines. It ends with its standard input.
import net from 'node:net';

const ok = '+OK\r\n';
const answers = {
    good: (socket) => socket.write(ok),
    nil: (socket) => socket.write('$-1\r\n'),
    silent: () => {},
    closes: (socket) => socket.end(),
    resets: (socket) => socket.resetAndDestroy(),
    half: (socket) => socket.write('+O'),
    'half-then-closes': (socket) => socket.end('+OK\r'),
    slow: (socket) => [...ok].forEach((byte, i) => setTimeout(() => socket.write(byte), 700 * (i + 1))),
    'byte-by-byte': (socket) => [...ok].forEach((byte, i) => setTimeout(() => socket.write(byte), 20 * i)),
    garbage: (socket) => socket.write(Buffer.from([...Array(256).keys()])),
    http: (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'),
    'lower-case': (socket) => socket.write('+ok\r\n'),
    'ok-and-more': (socket) => socket.write('+OKAY\r\n'),
    'without-return': (socket) => socket.write('+OK\n'),
    twice: (socket) => socket.write(ok + ok),
    queued: (socket) => socket.write('+QUEUED\r\n'),
    one: (socket) => socket.write(':1\r\n'),
    'ok-in-bulk': (socket) => socket.write('$2\r\nOK\r\n'),
    'empty-bulk': (socket) => socket.write('$0\r\n\r\n'),
    'minus-ten': (socket) => socket.write('$-10\r\n'),
    'nil-array': (socket) => socket.write('*-1\r\n'),
    'nil-of-resp3': (socket) => socket.write('_\r\n'),
    'huge-bulk': (socket) => socket.write('$536870912\r\n' + 'x'.repeat(4 << 20)),
    'endless-error': (socket) => socket.write('-' + 'E'.repeat(4 << 20)),
    error: (socket) => socket.write("-ERR unknown command 'AUTH', with args beginning with: 'geheim'\r\n"),
};

for (const name of process.argv.slice(2)) {
    const server = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.on('data', () => answers[name](socket));
    });
    server.listen(0, '127.0.0.1', () => console.log(`${name} ${server.address().port}`));
}
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
