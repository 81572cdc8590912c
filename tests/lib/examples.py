#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""examples.py OPENAPI [FILTER]: has each parameter, each body and each good answer of the document an example, and is
that as its own schema says?

What a body or an answer of several media types is told in JSON; what has no media type that can be shown (files, pages,
streams of events, objects nobody describes) needs none.  Prints what is wrong, a line each, and exits 1; else how many
there are.  With FILTER, a word: the examples of bodies instead, a line each for those whose path has it: method, path, media
type and example as JSON, parted by tabs.
"""
import json
import sys

import jsonschema

SHOWN = ("application/json", "application/x-www-form-urlencoded", "application/xml", "text/plain")


def follow(doc, node):
    """What "$ref" leads to."""
    while isinstance(node, dict) and "$ref" in node:
        at = doc
        for name in node["$ref"].removeprefix("#/").split("/"):
            at = at[name]
        node = at
    return node


def examples_of(doc, holder):
    """Examples of a parameter or a media type."""
    found = [follow(doc, one)["value"] for one in holder.get("examples", {}).values()]
    return found + ([holder["example"]] if "example" in holder else [])


class Look:
    def __init__(self, doc):
        self.doc, self.wrong, self.n = doc, [], 0

    def judge(self, where, holder):
        schema = {**holder.get("schema", {}), "components": self.doc["components"]}
        found = examples_of(self.doc, holder)
        if not found:
            self.wrong.append(f"{where}: there is no example")
        for example in found:
            self.n += 1
            validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
            for error in validator.iter_errors(example):
                self.wrong.append(f"{where}: {error.json_path}: {error.message}")

    def content(self, where, content):
        shown = [kind for kind in content if kind in SHOWN and content[kind].get("schema") != {"type": "object"}]
        if "application/json" in shown and "application/xml" in shown:
            shown.remove("application/xml")
        for kind in shown:
            self.judge(f"{where} {kind}", content[kind])

    def operation(self, where, operation):
        for parameter in operation["parameters"]:
            self.judge(f"{where}: parameter {parameter['name']}", parameter)
        self.content(f"{where}: body", operation.get("requestBody", {}).get("content", {}))
        for status, answer in operation["responses"].items():
            if status != "308":
                self.content(f"{where}: {status}", follow(self.doc, answer).get("content", {}))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        doc = json.load(file)
    operations = [(path, method, op) for path, methods in doc["paths"].items() for method, op in methods.items()]
    if len(sys.argv) > 2:
        for path, method, op in operations:
            for kind, holder in op.get("requestBody", {}).get("content", {}).items():
                for example in examples_of(doc, holder):
                    if sys.argv[2] in path:
                        print(method.upper(), path, kind, json.dumps(example), sep="\t")
        return 0
    look = Look(doc)
    for path, method, op in operations:
        look.operation(f"{method.upper()} {path}", op)
    for line in look.wrong:
        print(line)
    print(look.n, "examples")
    return 1 if look.wrong else 0


sys.exit(main())
