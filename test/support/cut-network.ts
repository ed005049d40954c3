/** A network between this machine and another one, really: packets on it can be dropped without anybody being told (Linux, root). */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface CutNetwork {
  /** This machine's address as the other one sees it. */
  readonly address: string;
  /** What a command on the other machine begins with. */
  readonly elsewhere: readonly [program: string, ...args: string[]];
  /** From now on what either side sends gets lost on the way. */
  cut(): void;
  remove(): void;
}

const run = (command: string): void => {
  const [program = '', ...args] = command.split(' ');
  execFileSync(program, args, { stdio: 'ignore' });
};

/** The other machine and a router before it are network namespaces. */
export function makeCutNetwork(): CutNetwork {
  const id = process.pid % 100_000;
  const [router, other] = [`pr${id}`, `po${id}`];
  const [near, nearPeer, far, farPeer] = [`a${id}`, `b${id}`, `c${id}`, `d${id}`];
  const net = `10.213.${id % 256}`;
  const remove = (): void => {
    // The system takes its time with the links of a namespace that is gone; the names are needed for the next network.
    if (existsSync(`/sys/class/net/${near}`)) run(`ip link del ${near}`);
    for (const space of [router, other]) run(`ip netns del ${space}`);
  };
  run(`ip netns add ${router}`);
  run(`ip netns add ${other}`);
  try {
    run(`ip link add ${near} type veth peer name ${nearPeer} netns ${router}`);
    run(`ip link add ${far} netns ${router} type veth peer name ${farPeer} netns ${other}`);
    run(`ip addr add ${net}.1/30 dev ${near}`);
    run(`ip -n ${router} addr add ${net}.2/30 dev ${nearPeer}`);
    run(`ip -n ${router} addr add ${net}.5/30 dev ${far}`);
    run(`ip -n ${other} addr add ${net}.6/30 dev ${farPeer}`);
    run(`ip link set ${near} up`);
    run(`ip -n ${router} link set ${nearPeer} up`);
    run(`ip -n ${router} link set ${far} up`);
    run(`ip -n ${other} link set ${farPeer} up`);
    run(`ip route add ${net}.4/30 via ${net}.2`);
    run(`ip -n ${other} route add default via ${net}.5`);
    run(`ip netns exec ${router} sysctl -qw net.ipv4.ip_forward=1`);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    address: `${net}.1`,
    elsewhere: ['ip', 'netns', 'exec', other],
    cut: () => run(`ip netns exec ${router} sysctl -qw net.ipv4.ip_forward=0`),
    remove,
  };
}

/** Root in a container may still not be allowed to. */
export function canMakeNetworks(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    makeCutNetwork().remove();
    return true;
  } catch {
    return false;
  }
}
