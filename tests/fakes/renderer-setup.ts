import { configure } from '@testing-library/react';

// How long `waitFor` and `findBy…` look before they give up. Their own second is too short for a busy machine.
configure({ asyncUtilTimeout: 60_000 });
