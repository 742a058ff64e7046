// Serves a folder of static files on PORT, and passes /api/* on to the backend.
// One JSON line per request goes to stdout.
import { createServer, request } from 'node:http';
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const port = Number(process.env.PORT ?? 3000);
const backend = (process.env.BACKEND_URL ?? 'http://backend:8000').replace(/\/+$/, '');
const project = '/workspace/frontend';
const root = process.env.FRONTEND_ROOT ?? (existsSync(project) ? project : '/srv');
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function send(res, status, text) {
  res.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

function proxy(req, res) {
  const up = request(new URL(backend + req.url.slice('/api'.length)), {
    method: req.method,
    headers: { ...req.headers, host: 'backend' },
    timeout: 10_000,
  });
  up.on('response', (answer) => {
    res.writeHead(answer.statusCode, answer.headers);
    answer.pipe(res);
  });
  up.on('timeout', () => up.destroy(new Error('time-out')));
  up.on('error', (e) => (res.headersSent ? res.destroy() : send(res, 502, `backend: ${e.message}`)));
  req.pipe(up);
}

async function file(req, res) {
  const { pathname } = new URL(req.url, 'http://frontend');
  const path = join(root, normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) return send(res, 404, 'not found');
  res.writeHead(200, {
    'content-type': types[extname(path)] ?? 'application/octet-stream',
    'content-length': info.size,
  });
  createReadStream(path).pipe(res);
}

const server = createServer((req, res) => {
  const began = performance.now();
  res.on('finish', () => console.log(JSON.stringify({
    time: new Date().toISOString(), level: 'info', method: req.method, url: req.url,
    status: res.statusCode, ms: Math.round(performance.now() - began),
  })));
  if (req.url.startsWith('/api/')) proxy(req, res);
  else file(req, res).catch((e) => send(res, 500, e.message));
});
server.listen(port, '0.0.0.0', () => console.log(`serving ${root} on port ${port}`));

// As process 1 it gets no default action for signals.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => { console.log(`${signal}: stopping`); process.exit(0); });
}
