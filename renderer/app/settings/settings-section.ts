/** The sections of the settings, by name, for whoever opens one of them. */
export type SettingsSection =
  'profile' | 'security' | 'appearance' | 'notifications' | 'files' | 'data' | 'computer' | 'keyboard' | 'about';
