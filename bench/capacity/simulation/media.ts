/** Files on their way to the object storage and back, over the line of each region. */
import type { Region, World } from './world.ts';

/** Bytes a second of a person's own line, which no region makes faster. */
const personRate = 2.5e6;

export interface Media {
  /** A file is sent by somebody of that region, and fetched by others. */
  send(region: Region): void;
}

export function createMedia(world: World): Media {
  const { settings, random, recorder } = world;
  const { bytes, lineRate, fetches } = settings.media;

  function lineOf(region: Region): Region | undefined {
    if (!region.isLost) return region;
    const left = world.regions.filter(({ isLost }) => !isLost);
    return left[Math.floor(random() * left.length)];
  }

  function move(region: Region, done: () => void): void {
    const begun = world.events.now();
    const alone = Math.max(0, bytes / personRate - bytes / lineRate);
    lineOf(region)?.line.serve(bytes / lineRate, () => {
      world.events.after(alone, () => {
        recorder.transferred(world.events.now() - begun);
        done();
      });
    });
  }

  return {
    send(region) {
      move(region, () => {
        const times = Math.floor(fetches) + (random() < fetches % 1 ? 1 : 0);
        for (let each = 0; each < times; each++) {
          const away = random() >= settings.localShare;
          const home = world.regions[(region.index + (away ? 1 : 0)) % settings.regions];
          if (home) move(home, () => {});
        }
      });
    },
  };
}
