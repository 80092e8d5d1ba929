import { catchMutant } from './catch-mutant.ts';

// A process of its own per mutant: `main.ts NAME FIRST LAST STEPS` says in one line of JSON what became of it.
Error.stackTraceLimit = 0;
const [name = '', first = '1', last = '500', steps = '300'] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await catchMutant(name, Number(first), Number(last), Number(steps)))}\n`);
