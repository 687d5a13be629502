/**
 * Decides requests: a JSON list of `{policy, principal, action, resource, resourcePolicy, account, context}` comes in on
 * standard input, the list of decisions goes out: `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied`, or what is wrong with the request itself.
 */
import { text } from 'node:stream/consumers';

import { runSimulation } from '@cloud-copilot/iam-simulate';

const ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

async function decide({ policy, principal, action, resource, resourcePolicy, account, context }) {
  const told = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: [{ name: 'ours', policy }],
      serviceControlPolicies: [{ orgIdentifier: 'root', policies: [{ name: 'all', policy: ALL }] }],
      resourceControlPolicies: [],
      resourcePolicy
    },
    {}
  );
  return told.overallResult ?? JSON.stringify(told);
}

const requests = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(requests.map(decide))));
