// A throw-away CA and the server certificate it signs once.  The CA's key is
// deleted at once, so trusting ca.pem never means trusting anything else.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OPENSSL_CONFIG = `
[req]
distinguished_name = name
prompt = no
[name]
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, DNS:HOST, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

// Makes ca.pem, server.pem and server.key in dir unless they are there, for host and localhost.
export function makeCertificates(dir, host) {
  const at = (name) => join(dir, name);
  if (['ca.pem', 'server.pem', 'server.key'].every((name) => existsSync(at(name)))) return;

  const request = (section, subject, key, cert, signer) => execFileSync('openssl', [
    'req', '-x509', '-config', at('openssl.cnf'), '-extensions', section, '-subj', subject,
    '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '365',
    '-keyout', at(key), '-out', at(cert), ...signer,
  ], { stdio: ['ignore', 'ignore', 'pipe'] });

  writeFileSync(at('openssl.cnf'), OPENSSL_CONFIG.replace('HOST', host));
  try {
    request('ca', '/CN=pam_oauth test CA', 'ca.key', 'ca.pem', []);
    request('server', '/CN=localhost', 'server.key', 'server.pem',
      ['-CA', at('ca.pem'), '-CAkey', at('ca.key')]);
  } finally {
    rmSync(at('ca.key'), { force: true });
    rmSync(at('openssl.cnf'), { force: true });
  }
  chmodSync(at('server.key'), 0o600);
  // The module's fetcher runs as a user of its own and must read the CA.
  chmodSync(at('ca.pem'), 0o644);
}
