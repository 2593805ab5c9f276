import { z } from 'zod';

// Before any schema is made: zod would try `new Function`, which the page's Content-Security-Policy reports.
z.config({ jitless: true });
