#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of docs/ and what they name, compared with the programs.  Results as TAP lines without a plan.

    pages.py blocks PAGE DIRECTORY                        shell blocks marked "sh run" as DIRECTORY/NN.sh
    pages.py check JQM OPENAPI SOURCE PAGE...             verbs, options, settings, paths, links, messages, variables
"""
import json
import os
import re
import subprocess
import sys

SPAN = re.compile(r'`([^`\n]+)`')
FENCE = re.compile(r'^( *)```([^\n]*)\n(.*?)^ *```$', re.M | re.S)
COMMON = {'--config', '--home', '--json', '--help', '--version'}
METHODS = 'GET|POST|PUT|DELETE|HEAD'
FOLDERS = ('shared', 'fcgi', 'runner', 'keeper', 'notifier', 'events', 'hooks', 'cli', 'client', 'sql')


def blocks_of(text):
    """(info string, content) of each fenced block, and the text without them."""
    found = [(info.strip(), re.sub('^' + indent, '', content, flags=re.M))
             for indent, info, content in FENCE.findall(text)]
    return found, FENCE.sub('', text)


class Checker:
    def __init__(self, jqm, openapi, source):
        self.jqm = jqm
        self.helps = {}
        with open(openapi) as file:
            self.paths = json.load(file)['paths']
        self.permissions = {p for path in self.paths.values() for call in path.values() for p in call.get('x-permission', [])}
        with open(os.path.join(source, 'shared/conf/settings.c')) as file:
            self.settings = set(re.findall(r'"([a-z_]+:[a-z0-9_]+)"', file.read()))
        self.sections = {s.split(':')[0] for s in self.settings}
        self.words = self.read_sources(source)
        self.wrong = []

    @staticmethod
    def read_sources(source):
        """All texts of our programs, adjacent literals joined, and of what builds and starts them."""
        texts = []
        for part in FOLDERS:
            for folder, _, names in os.walk(os.path.join(source, part)):
                for name in names:
                    if name.endswith(('.c', '.h', '.sql')):
                        with open(os.path.join(folder, name)) as file:
                            texts.append(file.read())
        for name in ('Makefile', 'conf/run.sh'):
            with open(os.path.join(source, name)) as file:
                texts.append(file.read())
        joined = re.sub(r'(?<!\\)"\s*"', '', '\n'.join(texts))
        return joined.replace('\\"', '"').replace("''", "'")

    def say(self, what):
        if what not in self.wrong:
            self.wrong.append(what)

    def help_of(self, verb):
        if verb not in self.helps:
            run = subprocess.run([self.jqm, 'help', verb], capture_output=True, text=True, check=False)
            self.helps[verb] = run.stdout if run.returncode == 0 else None
        return self.helps[verb]

    def command(self, words):
        """words: what stands behind jqm, up to the end of the command."""
        words = re.split(r'[|;&)>]|\s#', words, maxsplit=1)[0].split()
        while words and words[0].startswith('-'):
            words.pop(0)
        if not words or not re.fullmatch(r'[a-z][a-z-]*', words[0]) or words[0] == 'jqm': # a line of pg_ident.conf
            return
        text = self.help_of(words[0])
        if text is None:
            self.say('jqm has no verb "%s"' % words[0])
            return
        for word in words[1:]:
            option = re.match(r'--[a-z][a-z0-9-]*', word)
            if option is None or option.group() in COMMON:
                continue
            if not re.search(re.escape(option.group()) + r'(?![a-z0-9-])', text):
                self.say('jqm %s has no option "%s"' % (words[0], option.group()))

    def commands(self, text):
        for words in re.findall(r'(?:^|(?<!-o)(?<!-g)(?<!-u)[\s(`$"])jqm +([^\n`"]+)', text):
            self.command(words)

    def matches(self, path):
        """Paths of the description that this one may mean; a place of theirs is named in braces or capitals."""
        path = re.split(r'[?"\s]', path)[0].rstrip('/.,:')
        if '…' in path:
            return [p for p in self.paths if re.match(re.escape(path).replace('…', '.*'), p)]
        mine = path.split('/')
        found = []
        for known in self.paths:
            theirs = known.split('/')
            if len(theirs) == len(mine) and all(
                    a == b or b == '{%s}' % a or (b[:1] == '{' and (a[:1] in ('{', '$') or a.isdigit() or a.isupper() or '.' in a)) for a, b in zip(mine, theirs)):
                found.append(known)
        return found

    def is_part(self, path):
        """Does it name a branch, of which there are paths?"""
        return any(known.startswith(path.rstrip('/.,:') + '/') for known in self.paths)

    def addresses(self, text):
        for method, path in re.findall(r'(?:\b(%s)\s+)?(/ws/(?:\{[^}`]*\}|[^\s`"\')|])*)' % METHODS, text):
            if ',' in path and '{' in path: # one of several, in braces
                continue
            found = self.matches(path)
            if not found and (method or not self.is_part(path)):
                self.say('there is no path "%s"' % path)
            elif method not in ('', 'HEAD') and '…' not in path and not any(
                    method.lower() in self.paths[p] for p in found):
                self.say('path "%s" knows no %s' % (path, method))

    def setting(self, span):
        if re.fullmatch(r'[a-z_]+:[a-z0-9_]+', span) and span.split(':')[0] in self.sections and span not in self.settings | self.permissions:
            self.say('there is no setting "%s"' % span)

    def configuration(self, lines):
        """Lines of a jqm.ini: keys below a section of ours."""
        section = None
        for line in lines:
            head = re.match(r'(?:#.*)?\[([a-z_]+)\]\s*(.*)', line)
            if head:
                section, line = head.groups()
            key = re.match(r'#?\s*([a-z_0-9]+)\s*=\s', line)
            if key and section in self.sections and '%s:%s' % (section, key.group(1)) not in self.settings:
                self.say('there is no setting "%s:%s"' % (section, key.group(1)))

    def variables(self, text):
        for name in sorted(set(re.findall(r'\bJQM_[A-Z]+(?:_[A-Z0-9]+)*', text))):
            if name not in self.words:
                self.say('no program knows the variable %s' % name)

    def messages(self, text):
        """In tables with a column of messages or reasons, each one is something that our programs say."""
        heard = False
        for line in text.splitlines():
            if not line.startswith('|'):
                heard = False
                continue
            first = line.split('|')[1].strip()
            if first in ('message', 'reason'):
                heard = True
            elif heard:
                for span in SPAN.findall(first):
                    for piece in re.split(r'…|\bN\b', span):
                        if piece.strip() and piece.strip() not in self.words:
                            self.say('nothing of ours says "%s"' % piece.strip())

    def links(self, page, text):
        for target in re.findall(r'\]\(([^)#\s]+)[^)]*\)', text):
            if not re.match(r'[a-z]+:', target) and not os.path.exists(os.path.join(os.path.dirname(page), target)):
                self.say('link to "%s", which is not there' % target)

    def check(self, page):
        with open(page) as file:
            text = file.read()
        self.wrong = []
        blocks, rest = blocks_of(text)
        for info, content in blocks:
            if info.split(' ')[0] == 'sh':
                self.commands(content)
                self.addresses(content)
        indented = re.findall(r'^    +(\S.*)$', rest, re.M)
        for line in indented:
            self.commands(line)
            self.addresses(line)
        self.configuration(indented)
        for _, content in blocks:
            self.configuration(content.splitlines())
        for span in SPAN.findall(rest):
            if span.startswith('jqm '):
                self.commands(span)
            self.setting(span)
            self.addresses(span)
        self.variables(text)
        self.messages(rest)
        self.links(page, rest)
        return self.wrong


def write_blocks(page, directory):
    with open(page) as file:
        found, _ = blocks_of(file.read())
    for i, content in enumerate((content for info, content in found if info == 'sh run'), 1):
        with open(os.path.join(directory, '%02d.sh' % i), 'w') as out:
            out.write(content)


def main():
    if sys.argv[1] == 'blocks':
        write_blocks(sys.argv[2], sys.argv[3])
        return
    checker = Checker(*sys.argv[2:5])
    for page in sys.argv[5:]:
        wrong = checker.check(page)
        name = os.path.relpath(page, sys.argv[4])
        name = os.path.basename(page) if name.startswith('..') else name
        print('%s 0 - what %s names is there' % ('not ok' if wrong else 'ok', name))
        for what in wrong:
            print('%s: %s' % (name, what))


main()
