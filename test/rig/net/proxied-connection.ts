/** One connection between a device and the relay, or a relay and what it stands on, with the rig in the middle. */
import type { Socket } from 'node:net';
import { Lane, type Weather } from './lane.ts';
import { SocketReader } from './socket-reader.ts';

export interface ProxiedEvents {
  /** A WebSocket message of the relay. @returns false when it must not arrive: the connection breaks instead. */
  readonly onMessage: ((bytes: Uint8Array) => boolean) | null;
  onGone(): void;
}

export class ProxiedConnection {
  readonly #device: Socket;
  readonly #relay: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #events: ProxiedEvents;
  #weather: Weather['state'] = 'clear';
  #lost = false;
  #gone = false;

  constructor(device: Socket, relay: Socket, weather: Weather, events: ProxiedEvents) {
    this.#device = device;
    this.#events = events;
    this.#relay = relay;
    this.#up = new Lane(device, this.#relay);
    this.#down = new Lane(this.#relay, device);
    this.#listen();
    this.setWeather(weather);
  }

  get isOpen(): boolean {
    return !this.#device.destroyed && !this.#relay.destroyed;
  }

  setWeather(weather: Weather): void {
    this.#weather = weather.state;
    this.#up.set(weather);
    this.#down.set(weather);
  }

  /** Both sides break at once; what was under way is lost. */
  cut(): void {
    this.#up.destroy();
    this.#down.destroy();
    this.#device.resetAndDestroy();
    this.#relay.resetAndDestroy();
    this.#end();
  }

  /** The device's side breaks; what it said comes through once the weather clears. */
  loseDevice(): void {
    this.setWeather({ state: 'shut' });
    this.#lost = true;
    this.#up.end();
    this.#device.resetAndDestroy();
  }

  #listen(): void {
    const { onMessage } = this.#events;
    const reader =
      onMessage &&
      new SocketReader((bytes) => {
        const passes = onMessage(bytes);
        if (!passes && !this.#gone && !this.#lost) this.cut();
      });
    this.#device.setNoDelay(true);
    this.#relay.setNoDelay(true);
    this.#device.on('data', (chunk) => this.#up.push(chunk));
    this.#relay.on('data', (chunk) => {
      reader?.push(chunk);
      if (!this.#gone) this.#down.push(chunk);
    });
    this.#device.on('error', () => {});
    this.#relay.on('error', () => {});
    this.#device.on('end', () => this.#up.end());
    this.#relay.on('end', () => this.#down.end());
    this.#device.on('close', () => this.#deviceGone());
    this.#relay.on('close', () => this.#relayGone());
  }

  /** A network that lets nothing through does not tell of an end either. */
  #deviceGone(): void {
    if (this.#weather === 'clear' && !this.#lost) this.#relay.destroySoon();
    else this.#up.end();
    if (this.#relay.destroyed) this.#end();
  }

  #relayGone(): void {
    if (this.#weather === 'clear' && !this.#device.destroyed) this.#device.destroySoon();
    else if (this.#weather !== 'clear') this.#down.end();
    if (this.#device.destroyed) this.#end();
  }

  /** Both sides are closed. */
  #end(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events.onGone();
  }
}
