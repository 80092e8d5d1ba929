import fc from 'fast-check';

/**
 * For every property test: the same examples each time, so that a red run is red again. `npm run verify` looks at
 * others, which `LIENDESK_PROPERTY_SEED` repeats.
 */
fc.configureGlobal({ seed: Number(process.env['LIENDESK_PROPERTY_SEED'] ?? 20_251) });

export { fc };
