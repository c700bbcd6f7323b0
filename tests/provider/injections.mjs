// What tests make the provider say that it never says by itself: a polling
// interval, slow_down, documents that are broken or missing.

import { setTimeout as sleep } from 'node:timers/promises';
import { ALGORITHMS } from './keys.mjs';
import { merged } from './merge.mjs';

const REPLY_MEMBERS = ['status', 'headers', 'body', 'merge', 'delay'];

function checkMembers(what, object, known) {
  if (object === null || typeof object !== 'object' || Array.isArray(object)) {
    throw new Error(`${what} must be a JSON object`);
  }
  for (const member of Object.keys(object)) {
    if (!known.includes(member)) {
      throw new Error(`${what} has the unknown member '${member}'; use ${known.join(', ')}`);
    }
  }
}

const isDocument = (body) => body !== null && typeof body === 'object' && !Buffer.isBuffer(body)
  && typeof body.pipe !== 'function';

export class Injections {
  constructor() { this.clear(); }

  clear() {
    this.device = {}; // laid over device authorization replies
    this.token = []; // replies of the token endpoint, one used up per request
    this.documents = {}; // path -> reply, until cleared
    this.alg = 'RS256'; // what the provider signs with
  }

  // Adds to what is there and returns the algorithm that was in force.
  inject(request) {
    checkMembers('the injection', request, ['device', 'token', 'documents', 'alg']);
    const { device = {}, token = [], documents = {}, alg = this.alg } = request;
    const before = this.alg;

    if (!ALGORITHMS.includes(alg)) throw new Error(`alg is '${alg}'; use ${ALGORITHMS.join(', ')}`);
    if (!Array.isArray(token)) throw new Error('token must be a JSON array of replies');
    for (const reply of token) checkMembers('a token reply', reply, REPLY_MEMBERS);
    for (const [path, reply] of Object.entries(documents)) {
      if (!path.startsWith('/')) throw new Error(`the document path '${path}' must start with /`);
      checkMembers(`the reply for ${path}`, reply, REPLY_MEMBERS);
    }

    Object.assign(this.device, device);
    this.token.push(...token);
    Object.assign(this.documents, documents);
    this.alg = alg;
    return { alg: before };
  }

  replyFor(ctx, path, paths) {
    if (path === paths.token && ctx.method === 'POST' && this.token.length > 0) return this.token.shift();
    return this.documents[path];
  }

  // Koa middleware.  `paths` holds the full paths of the two endpoints.
  middleware(paths) {
    return async (ctx, next) => {
      const path = ctx.req.originalUrl.split('?')[0];
      const reply = this.replyFor(ctx, path, paths) ?? {};

      if (reply.delay) await sleep(reply.delay);
      // A status or a body stands in for the provider; headers, merge and
      // delay alone only change what it says.
      if (!reply.merge && (reply.status !== undefined || reply.body !== undefined)) {
        ctx.body = reply.body ?? '';
      } else {
        await next();
        if (reply.merge && isDocument(ctx.body)) ctx.body = merged(ctx.body, reply.merge);
      }
      if (reply.status !== undefined) ctx.status = reply.status;
      ctx.set(reply.headers ?? {});
      if (path === paths.deviceAuthorization && ctx.status === 200 && isDocument(ctx.body)) {
        ctx.body = merged(ctx.body, this.device);
      }
    };
  }
}
