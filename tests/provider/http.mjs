// One HTTP request: over TLS verified with the test CA, or over the control
// socket.  Nothing is followed, kept or retried.

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export function ask(url, { method = 'GET', headers = {}, body, ca, socketPath, timeout = 10000 } = {}) {
  const send = socketPath || new URL(url).protocol === 'http:' ? httpRequest : httpsRequest;
  const isForm = body instanceof URLSearchParams;
  const allHeaders = isForm
    ? { 'content-type': 'application/x-www-form-urlencoded', ...headers } : headers;

  return new Promise((resolve, reject) => {
    const req = send(url, {
      method,
      headers: allHeaders,
      ca,
      socketPath,
      // The provider is on 127.0.0.1 only, and localhost may be ::1 first.
      family: 4,
      agent: false,
      signal: AbortSignal.timeout(timeout),
    }, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve({
        status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks).toString(),
      }));
    });
    req.on('error', reject);
    req.end(isForm ? body.toString() : body);
  });
}
