/** Tells the schema library not to compile code: the page's content security policy forbids it. Import this first. */
import { z } from 'zod';

z.config({ jitless: true });
