// A certified OpenID provider on a port of its own, with its own log-in and consent pages. It is told by one argument
// where its modules lie and by another which client and users it knows, and prints its issuer once it listens. A POST
// to /rotate gives it other keys.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Whoever started it reads the issuer and no more.
console.info = console.warn;

const [modules, settings] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(join(modules, 'oidc-provider/lib/index.js')));
const { client, users, claimsInIdToken } = JSON.parse(settings);

function key() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

function provider(issuer) {
  return new Provider(issuer, {
    clients: [client],
    jwks: { keys: [key()] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'id_number'] },
    conformIdTokenClaims: !claimsInIdToken,
    cookies: { keys: [randomUUID()] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...users[id] }) }),
  });
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let serve = provider(issuer).callback();
  server.on('request', (req, res) => {
    if (req.url === '/rotate') {
      serve = provider(issuer).callback();
      return res.end();
    }
    return serve(req, res);
  });
  console.log(issuer);
});
// Whoever started it holds its standard input, and may die without a word.
process.stdin.resume().on('close', () => process.exit());
