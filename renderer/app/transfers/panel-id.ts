/** Ties the button in the list's header to the panel, which belongs to the window. */
export const panelId = 'transfers-panel';
