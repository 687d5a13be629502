/** Reads a file of Terraform on standard input with HashiCorp's parser: the file as JSON, and the syntax tree of `on_start` in it. */
import { text } from 'node:stream/consumers';

import { getExpressionAst, parse } from '@cdktf/hcl2json';

const { resource } = await parse('main.tf', await text(process.stdin));
const [[kind, named]] = Object.entries(resource);
const [[name, [content]]] = Object.entries(named);
const tree = await getExpressionAst('main.tf', content.on_start.slice(2, -1)); // without the ${} of an expression
process.stdout.write(JSON.stringify({ kind, name, content, tree }));
