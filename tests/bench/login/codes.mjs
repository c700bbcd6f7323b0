// codes.mjs COUNT: one-time codes by RFC 4226, of the secret of its appendix D, from counter 1 on.
import crypto from 'node:crypto';

const secret = Buffer.from('12345678901234567890');
for (let i = 1; i <= Number(process.argv[2]); i++) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(i));
    const digest = crypto.createHmac('sha1', secret).update(counter).digest();
    const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
    console.log(String(number % 1000000).padStart(6, '0'));
}
