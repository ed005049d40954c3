/** One device of a run: its folder, its network, its engine while that runs, and what was promised there. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultyLink } from '../net/faulty-link.ts';
import { openPowerCutDisk, type PowerCutDisk } from '../power/power-cut-disk.ts';
import type { DeviceSpec } from '../schedule.ts';
import type { SmallDisk } from '../small-disk.ts';
import { openEngineHere } from './engine-here.ts';
import { spawnEngine } from './engine-process.ts';
import { createLedger, loseMemory, markOf, type Ledger, type Mark } from './ledger.ts';
import type { RigEngine } from './rig-engine.ts';
import { Turns } from '../turns.ts';

export interface DeviceParts {
  readonly index: number;
  readonly spec: DeviceSpec;
  readonly username: string;
  readonly password: string;
  /** Everything of this device is inside. */
  readonly folder: string;
  readonly proxy: FaultyLink;
  readonly disk: SmallDisk | null;
}

export class Device {
  readonly index: number;
  readonly spec: DeviceSpec;
  readonly proxy: FaultyLink;
  readonly disk: SmallDisk | null;
  readonly power: PowerCutDisk | null;
  readonly dataDir: string;
  readonly ledger: Ledger = createLedger();
  engine: RigEngine | null = null;
  /** Whether something was done that may have ended the session: else being logged out is a fault. */
  mayBeOut = true;
  /** Whether another device ended the session, or may have: then everything here is erased when the relay says so. */
  mayBeErased = false;
  /** Whether an old backup may hold the token of such a session. */
  #wasRevoked = false;
  /** How often its engine was ended, or its person logged out: what was asked at that moment may fail in any way. */
  endings = 0;
  readonly #parts: DeviceParts;
  readonly #backup: string;
  #backedUp: Mark | null = null;
  #skew = 0;
  readonly #turns = new Turns();

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.index = parts.index;
    this.spec = parts.spec;
    this.proxy = parts.proxy;
    this.disk = parts.disk;
    this.dataDir = join(parts.disk?.dir ?? parts.folder, 'data');
    this.power = parts.spec.recorded ? openPowerCutDisk(this.dataDir, join(parts.folder, 'power')) : null;
    this.#backup = join(parts.folder, 'backup');
  }

  /** Starting, closing, logging in and the like: one after another. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  async start(killAfterMs?: number): Promise<void> {
    if (this.engine) return;
    await mkdir(this.dataDir, { recursive: true });
    const options = { dataDir: this.dataDir, skew: this.#skew, ...(killAfterMs !== undefined && { killAfterMs }) };
    if (this.spec.home === 'here') this.engine = await openEngineHere(options);
    else this.engine = await spawnEngine({ ...options, ...(this.power && { env: this.power.begin() }) });
  }

  /** Kills the engine's process so long after it was begun. @returns what it was doing. */
  async startAndKill(afterMs: number): Promise<'opening' | 'running'> {
    const since = performance.now();
    try {
      await this.start(afterMs);
    } catch {
      return 'opening';
    }
    await new Promise((done) => setTimeout(done, Math.max(0, since + afterMs - performance.now())));
    await this.kill();
    return 'running';
  }

  async stop(): Promise<void> {
    const { engine } = this;
    this.endings++;
    this.engine = null;
    await engine?.stop();
  }

  /** @returns whether it hit a process that was alive. */
  async kill(): Promise<boolean> {
    const { engine } = this;
    this.endings++;
    this.engine = null;
    return (await engine?.kill()) ?? false;
  }

  jump(ms: number): boolean {
    this.#skew = ms;
    this.engine?.setSkew(ms);
    return this.engine !== null;
  }

  async login(): Promise<void> {
    const { username, password } = this.#parts;
    await this.engine?.invoke('session.login', { address: this.proxy.address, username, password });
    if (this.mayBeErased) loseMemory(this.ledger, 'erased after its session was ended from elsewhere');
    this.mayBeErased = false;
    this.mayBeOut = false;
  }

  /** Its session is about to be ended by another device of its person. */
  expectRevocation(): void {
    this.mayBeOut = true;
    this.mayBeErased = true;
    this.#wasRevoked = true;
  }

  async logout(erase: boolean): Promise<void> {
    if (!this.engine || !(await this.isSignedIn())) throw new Error('nobody is logged in');
    this.endings++;
    this.mayBeOut = true;
    if (erase) loseMemory(this.ledger, 'erased when logging out');
    await this.engine.invoke('session.logout', { erase }).finally(() => this.endings++);
    if (erase) loseMemory(this.ledger, 'erased when logging out');
  }

  async isSignedIn(): Promise<boolean> {
    const session = await this.engine?.invoke('session.get');
    return session?.state === 'signed-in';
  }

  /** The engine must be closed. */
  async keepBackup(): Promise<void> {
    await rm(this.#backup, { recursive: true, force: true });
    await cp(this.dataDir, this.#backup, { recursive: true });
    this.#backedUp = markOf(this.ledger);
  }

  /** The engine must be closed. @returns whether there was a backup. */
  async putBack(): Promise<boolean> {
    if (this.#backedUp === null) return false;
    await rm(this.dataDir, { recursive: true, force: true });
    await cp(this.#backup, this.dataDir, { recursive: true });
    loseMemory(this.ledger, 'typed after the backup that was put back', this.#backedUp);
    this.mayBeOut = true;
    this.mayBeErased ||= this.#wasRevoked;
    return true;
  }
}
