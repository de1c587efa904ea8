import { AuthUsers1763856000001 } from './1763856000001-users.js';
import { AuthSessions1763856000002 } from './1763856000002-sessions.js';
import { AuthLoginHistory1763856000003 } from './1763856000003-login-history.js';
import { AuthAudit1763856000004 } from './1763856000004-audit.js';
import { AuthRevocations1763856000005 } from './1763856000005-revocations.js';
import { AuthEmailChangeAndSecondFactor1763856000006 } from './1763856000006-email-change-and-second-factor.js';
import { AuthTruncateLoginIps1795610400000 } from './1795610400000-truncate-login-ips.js';
import { AuthEmailUndos1795654800000 } from './1795654800000-email-undos.js';
import { AuthSpentOAuthStates1795654800001 } from './1795654800001-spent-oauth-states.js';
import { AuthOpenSession1795690800000 } from './1795690800000-open-session.js';
import { AuthForgetLoginOrigins1795705200000 } from './1795705200000-forget-login-origins.js';
import { AuthForgetEvents1795708800000 } from './1795708800000-forget-events.js';

/** Every migration of auth_db, oldest first. */
export const migrations = [
  AuthUsers1763856000001,
  AuthSessions1763856000002,
  AuthLoginHistory1763856000003,
  AuthAudit1763856000004,
  AuthRevocations1763856000005,
  AuthEmailChangeAndSecondFactor1763856000006,
  AuthTruncateLoginIps1795610400000,
  AuthEmailUndos1795654800000,
  AuthSpentOAuthStates1795654800001,
  AuthOpenSession1795690800000,
  AuthForgetLoginOrigins1795705200000,
  AuthForgetEvents1795708800000,
];
