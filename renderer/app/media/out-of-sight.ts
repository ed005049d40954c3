/** Tells when something has been scrolled away for good and not just to the edge. */

/** @returns stops watching. */
export function whenOutOfSight(element: Element, act: () => void): () => void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => !isIntersecting)) act();
    },
    { rootMargin: '120px' },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
