import { userInfo } from 'node:os';

/** Who runs the demo, and from where. */
export interface Person {
  /** Came by sudo: another terminal of theirs is not root's. */
  readonly bySudo: boolean;
  /** What to give ssh to come here from the computer the person sits at, or `null` for one who sits here. */
  readonly ssh: string | null;
}

/** The person, by the environment of the demo. */
export function observePerson(environment: NodeJS.ProcessEnv = process.env): Person {
  const { username, uid } = userInfo();
  const login = environment['SUDO_USER'] ?? username;
  return {
    bySudo: uid === 0 && environment['SUDO_USER'] !== undefined,
    ssh: wayBack(environment['SSH_CONNECTION'], login),
  };
}

/** By sshd(8)'s SSH_CONNECTION: the addresses and ports of the client and of this host. */
function wayBack(connection: string | undefined, login: string): string | null {
  const [, , address, port] = connection?.split(' ') ?? [];
  if (address === undefined || port === undefined) return null;
  return `${port === '22' ? '' : `-p ${port} `}${login}@${address}`;
}
