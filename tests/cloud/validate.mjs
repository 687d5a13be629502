/** Says what is wrong with a state machine: its definition comes in on standard input as JSON, a JSON list of complaints goes out. */
import { text } from 'node:stream/consumers';

import validate from 'asl-validator';

const { errors } = validate(JSON.parse(await text(process.stdin)), { checkPaths: true });
process.stdout.write(JSON.stringify(errors));
