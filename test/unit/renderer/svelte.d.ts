/** Runes and side-effect imports, for tests of the page's classes. */
/// <reference types="svelte" />
/// <reference types="vite/client" />
