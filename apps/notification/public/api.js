const authUrl = document.querySelector('#panel').dataset.authUrl;
const STORE = 'panel.session';

/** A refusal of the API: its problem document. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
    this.challenge = problem.challenge;
  }
}

let session = JSON.parse(sessionStorage.getItem(STORE) ?? 'null');
let refreshing;

function keep(tokens) {
  session = tokens && { ...tokens, expiresAt: Date.now() + tokens.expiresInSeconds * 1000 };
  if (session) sessionStorage.setItem(STORE, JSON.stringify(session));
  else sessionStorage.removeItem(STORE);
}

async function send(url, { method = 'GET', body, token } = {}) {
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await response.text();
  const json = text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {};
  if (!response.ok) throw new ApiError(response.status, json);
  return json;
}

/** Signs in with auth's account; gives the challenge that a code has to meet, where the account has a second step. */
export async function signIn(email, password) {
  try {
    keep(await send(`${authUrl}/auth/login`, { method: 'POST', body: { email, password } }));
  } catch (error) {
    if (error.code === 'auth.second_factor_required') return error.challenge;
    throw error;
  }
}

/** Meets a challenge with a code of the authenticator app, or a recovery code. */
export async function meet(challenge, code) {
  keep(await send(`${authUrl}/auth/mfa/verify`, { method: 'POST', body: { challenge, code } }));
}

/** Where an administrator without a second step sets one up; undefined for everybody else. */
export async function enrolmentUrl() {
  const { roles } = await send(`${authUrl}/users/me`, { token: await accessToken() });
  if (roles.every((role) => granted().includes(role))) return undefined;
  return `${authUrl}/oauth/?returnTo=${encodeURIComponent(location.href.split('#')[0])}`;
}

/** The roles this session has; what it may do is decided by the service. */
function granted() {
  return JSON.parse(atob(session.accessToken.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).roles;
}

/** True when buttons for superusers make sense. */
export const isSuperUser = () => session !== null && granted().includes('super_user');

/** Ends the session here and at auth. */
export async function signOut() {
  const token = session?.accessToken;
  keep(null);
  if (token) await send(`${authUrl}/auth/logout`, { method: 'POST', body: {}, token }).catch(() => undefined);
}

/** True while there is a session. */
export const signedIn = () => session !== null;

async function accessToken() {
  if (!session) throw new ApiError(401, { code: 'auth.unauthenticated' });
  if (session.expiresAt - Date.now() < 30_000) {
    // Several calls may find the token old at once; the refresh token works once.
    refreshing ??= send(`${authUrl}/auth/refresh`, { method: 'POST', body: { refreshToken: session.refreshToken } })
      .then(keep, (error) => {
        if (error.status === 401) keep(null);
        throw error;
      })
      .finally(() => (refreshing = undefined));
    await refreshing;
  }
  return session.accessToken;
}

/** Calls this service's API as the signed-in user. Throws ApiError. */
export async function api(method, path, body) {
  try {
    return await send(path, { method, body, token: await accessToken() });
  } catch (error) {
    if (error.status === 401) keep(null);
    throw error;
  }
}

/** Saves a file of the API to the user's disk. */
export async function download(path, name) {
  const response = await fetch(path, { headers: { authorization: `Bearer ${await accessToken()}` } });
  if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => ({})));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
