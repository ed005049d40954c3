/** The addresses of Parley's own pages; by these everybody tells who asks. */

export const appScheme = 'parley-app';

/** The window's page. The host of a page's address is the name of its folder. */
export const appPageOrigin = `${appScheme}://app`;
export const appPageUrl = `${appPageOrigin}/index.html`;

/** The hidden page that holds WebRTC connections. */
export const peerPageOrigin = `${appScheme}://peer`;
export const peerPageUrl = `${peerPageOrigin}/index.html`;

/** @param address of a frame or a request, or an origin with or without the slash at its end. */
export function isOfPage(origin: string, address: string): boolean {
  return address === origin || address.startsWith(`${origin}/`);
}
