"""Random small programs: statements that assign names, each run while it is written, so that none of them fails."""

import os

WORDS = ["a", "b", "alpha", "Beta", "x.example.org", " y ", "", "1", "0", "true", "False", "no", "a,b", "a, b ,c", "k=v"]
POOLS = {
    "int": ["0", "1", "7", "-3", "25", "3600"],
    "str": ["alpha", "Beta Gamma", "", "a.example.org", "off", "x,y"],
    "bool": ["True", "False", "true", "false", "1", "0", "yes", "no", "on", "off", "", "t"],
    "strs": ["a,b", "a.example.org, b.example.org", "one", "", "a,,b", " x "],
}


class Program:
    """Writes statements whose values depend on what stands before them only."""

    def __init__(self, rng, file):
        self.rng = rng
        self.names = {kind: [] for kind in ("int", "str", "bool", "strs", "ints", "table", "nested", "maybe", "pair", "path")}
        self.lines = []
        self.space = {"__name__": "generated", "__file__": file, "__builtins__": __builtins__}
        self.count = 0
        self.imported = set()
        self.functions = []

    def pick(self, *options):
        return self.rng.choice(options)

    def chance(self, percent):
        return self.rng.randrange(100) < percent

    def add(self, text, gives=()):
        """Takes a statement in, if it runs."""
        before = dict(self.space)
        try:
            code = compile(text, "generated", "exec")
            exec(code, self.space)
            for name, _ in gives:
                value = self.space[name]
                if isinstance(value, (str, list, dict)) and len(value) > 60 or isinstance(value, int) and abs(value) > 10**12:
                    raise ValueError("too large")
        except Exception:
            self.space.clear()
            self.space.update(before)
            return False
        self.lines.append(text)
        for name, kind in gives:
            self.names[kind].append(name)
        return True

    def need(self, statement):
        if statement not in self.imported:
            self.imported.add(statement)
            self.add(statement)

    def fresh(self):
        self.count += 1
        return f"{self.pick('VALUE', 'PARAM', 'PART')}_{self.count}"

    def variable(self, kind):
        """A variable of the environment, mostly set."""
        name = f"{self.pick('APP', 'SITE', 'DJANGO')}_{kind.upper()}_{self.rng.randrange(6)}"
        if name not in os.environ and self.chance(65):
            os.environ[name] = self.rng.choice(POOLS[kind])
        return name

    # Expressions, by the type that they have.

    def expr(self, kind, depth=2):
        if self.names[kind] and self.chance(45):
            return self.rng.choice(self.names[kind])
        return getattr(self, "a_" + kind)(depth)

    def a_int(self, d):
        if d <= 0:
            return str(self.rng.choice([0, 1, 2, 3, 5, 10, 60, -1, 86400]))
        e = self.expr
        return self.pick(
            lambda: f"{e('int', d - 1)} {self.pick('+', '-', '*', '//', '%', '&', '|', '^')} {e('int', d - 1)}",
            lambda: f"len({e(self.pick('str', 'strs', 'table', 'ints'), d - 1)})",
            lambda: f"int({e('str', d - 1)} or {e('int', 0)})",
            lambda: f"{e('table', d - 1)}.get({e('str', d - 1)}, {e('int', d - 1)})",
            lambda: f"{self.pick('sum', 'max', 'min')}({e('ints', d - 1)}{self.pick('', ' or [0]')})",
            lambda: f"({e('int', d - 1)} if {e('bool', d - 1)} else {e('int', d - 1)})",
            lambda: f"{e('strs', d - 1)}.{self.pick('count', 'index')}({e('str', d - 1)})",
            lambda: f"{e('str', d - 1)}.{self.pick('count', 'find', 'rfind')}({self.word()!r})",
            lambda: f"int(os.environ.get({self.env('int')!r}, {self.pick('0', '5', repr('12'))}))",
            lambda: f"abs({e('int', d - 1)})",
            lambda: f"divmod({e('int', d - 1)}, {self.pick(2, 3, 7)})[{self.pick(0, 1)}]",
            lambda: f"{e('ints', d - 1)}[{self.pick(0, -1, 1)}]",
            lambda: f"round({e('int', d - 1)} / {self.pick(2, 4)})",
            lambda: f"{e('pair', d - 1)}[1]",
            lambda: f"{self.pick('int', 'bool')}({e('bool', d - 1)}) + {e('int', 0)}",
            lambda: f"min({e('int', d - 1)}, {e('int', d - 1)})",
            lambda: f"next((n for n in {e('ints', d - 1)} if n > {e('int', 0)}), {e('int', 0)})",
            lambda: f"int({e('str', d - 1)}, {self.pick(2, 10, 16)})",
            lambda: f"{e('int', d - 1)} {self.pick('<<', '>>', '**')} {self.pick(0, 1, 2)}",
        )()

    def word(self):
        return self.rng.choice(WORDS)

    def env(self, kind):
        self.need("import os")
        return self.variable(kind)

    def a_str(self, d):
        if d <= 0:
            return repr(self.word())
        e = self.expr
        return self.pick(
            lambda: f"{e('str', d - 1)} + {e('str', d - 1)}",
            lambda: f"f\"{{{self.plain(e('str', d - 1))}}}-{{{self.plain(e('int', d - 1))}}}\"",
            lambda: f"f\"{{{self.plain(e('int', d - 1))}:{self.pick('03d', '>5', 'x', ',', '<4', '^7', '+', '05', '.1f', '.0%', '')}}}\"",
            lambda: f"f\"{{{self.plain(e('str', d - 1))}!r:{self.pick('>12', '', '<3')}}}\"",
            lambda: f"'%s/%s' % ({e('str', d - 1)}, {e('int', d - 1)})",
            lambda: f"'{self.pick('%s', '%r', '%5s', '%-4s|')}' % {self.pick('(', '(')}{e('str', d - 1)},)",
            lambda: f"'{self.pick('%d', '%03d', '%x', '%5.1f', '%s%%')}' % {e('int', d - 1)}",
            lambda: f"'%(k)s-%(n)s' % {{'k': {e('str', d - 1)}, 'n': {e('int', d - 1)}}}",
            lambda: f"'{{}}:{{}}'.format({e('str', d - 1)}, {e('int', d - 1)})",
            lambda: f"'{{a}}{{b:>4}}{{a}}'.format(a={e('str', d - 1)}, b={e('int', d - 1)})",
            lambda: f"{self.pick(repr(','), repr(''), repr('; '))}.join({e('strs', d - 1)})",
            lambda: f"{e('str', d - 1)}.{self.pick('lower', 'upper', 'strip', 'title', 'capitalize', 'swapcase', 'rstrip', 'lstrip')}()",
            lambda: f"{e('str', d - 1)}.{self.pick('strip', 'lstrip', 'rstrip')}({self.pick(repr('a'), repr(' ,'), repr('x.'))})",
            lambda: f"{e('str', d - 1)}.replace({self.word()!r}, {self.word()!r}{self.pick('', '', ', 1')})",
            lambda: f"{e('str', d - 1)}[{self.pick('1:', ':3', '::-1', '-3:', ':-1', '::2', '1:-1', '0:1')}]",
            lambda: f"str({e(self.pick('int', 'bool', 'ints', 'strs', 'table', 'maybe', 'pair'), d - 1)})",
            lambda: f"({e('maybe', d - 1)} or {e('str', d - 1)})",
            lambda: f"({e('str', d - 1)} and {e('str', d - 1)})",
            lambda: f"({e('str', d - 1)} if {e('bool', d - 1)} else {e('str', d - 1)})",
            lambda: f"os.environ.get({self.env('str')!r}, {e('str', 0)})",
            lambda: f"os.getenv({self.env('str')!r}, {e('str', 0)})",
            lambda: f"os.environ[{self.env('str')!r}]",
            lambda: f"{e('strs', d - 1)}[{self.pick(0, -1, 1)}]",
            lambda: f"{e('str', d - 1)}.{self.pick('partition', 'rpartition')}({self.pick(repr('.'), repr(','))})[{self.pick(0, 2, 1)}]",
            lambda: f"{e('str', d - 1)}.{self.pick('removeprefix', 'removesuffix')}({self.word()!r})",
            lambda: f"{e('str', d - 1)}.{self.pick('zfill', 'ljust', 'rjust', 'center')}({self.pick(3, 8)})",
            lambda: f"{e('str', d - 1)} * {self.pick(0, 1, 2, 3)}",
            lambda: f"{self.pick('repr', 'str', 'ascii')}({e('str', d - 1)})",
            lambda: f"(chosen := {e('str', d - 1)}) + chosen",
            lambda: f"json.dumps({self.needed('import json', e(self.pick('table', 'strs', 'int', 'bool', 'str', 'nested'), d - 1))})",
            lambda: f"type({e(self.pick('int', 'str', 'strs', 'bool', 'maybe', 'table'), d - 1)}).__name__",
            lambda: f"str({e('path', d - 1)})",
            lambda: f"{e('path', d - 1)}.{self.pick('name', 'stem', 'suffix')}",
            lambda: f"os.path.{self.needed('import os', self.pick('basename', 'dirname', 'normpath'))}({e('str', d - 1)})",
            lambda: f"os.path.join({self.needed('import os', e('str', d - 1))}, {e('str', d - 1)})",
            lambda: f"base64.b64encode({self.needed('import base64', e('str', d - 1))}.encode()).decode()",
            lambda: f"re.sub({self.pick(repr('a'), repr('[aeiou]'), repr(chr(92) + 'd+'))}, '-', {self.needed('import re', e('str', d - 1))})",
            lambda: f"'{self.pick('a', 'x')}'.join(reversed({e('strs', d - 1)}))",
            lambda: f"chr(ord({e('str', 0)}[0]) + 1)" if self.chance(30) else f"max({e('strs', d - 1)})",
            lambda: f"urlsplit({self.needed('from urllib.parse import urlsplit', self.pick(repr('https://u:p@h.example.org:81/x?y=1#z'), e('str', d - 1)))}).{self.pick('hostname', 'netloc', 'path', 'scheme')} or 'none'",
        )()

    def needed(self, statement, text):
        self.need(statement)
        return text

    def plain(self, text):
        """What may stand in an f-string of old Pythons."""
        return text if not set("\"'{}:!\\") & set(text) else self.pick("'x'", "12")

    def a_bool(self, d):
        if d <= 0:
            return self.pick("True", "False")
        e = self.expr
        kind = self.pick("int", "str", "strs", "ints", "bool")
        return self.pick(
            lambda: f"{e(kind, d - 1)} {self.pick('==', '!=')} {e(kind, d - 1)}",
            lambda: f"{e('int', d - 1)} {self.pick('<', '<=', '>', '>=')} {e('int', d - 1)}",
            lambda: f"{e('int', 0)} <= {e('int', d - 1)} < {e('int', d - 1)}",
            lambda: f"{e('str', d - 1)} {self.pick('in', 'not in')} {e(self.pick('strs', 'str', 'table'), d - 1)}",
            lambda: f"not {e(self.pick('bool', 'strs', 'str', 'int', 'table', 'maybe'), d - 1)}",
            lambda: f"({e('bool', d - 1)} {self.pick('and', 'or')} {e('bool', d - 1)})",
            lambda: f"bool({e(self.pick('str', 'strs', 'int', 'maybe', 'nested', 'path'), d - 1)})",
            lambda: f"os.environ.get({self.env('bool')!r}, {self.pick(repr('False'), repr('1'), repr(''))}).lower() in ('1', 'true', 'yes', 'on')",
            lambda: f"os.environ.get({self.env('bool')!r}) {self.pick('==', '!=')} {self.pick(repr('True'), repr('1'), 'None')}",
            lambda: f"{self.env('bool')!r} {self.pick('in', 'not in')} os.environ",
            lambda: f"{self.pick('any', 'all')}({e('strs', d - 1)})",
            lambda: f"{self.pick('any', 'all')}(n > 1 for n in {e('ints', d - 1)})",
            lambda: f"{e('str', d - 1)}.{self.pick('startswith', 'endswith')}({self.pick(repr('a'), repr(('x', 'B')), repr(''))})",
            lambda: f"{e('str', d - 1)}.{self.pick('isdigit', 'isalpha', 'isupper', 'islower', 'isspace', 'isalnum', 'isidentifier')}()",
            lambda: f"{e('maybe', d - 1)} is {self.pick('', 'not ')}None",
            lambda: f"isinstance({e(self.pick('int', 'str', 'bool', 'strs', 'pair'), d - 1)}, {self.pick('int', 'str', '(list, tuple)', 'dict')})",
            lambda: f"({e('bool', d - 1)} if {e('bool', d - 1)} else {e('bool', d - 1)})",
            lambda: f"{e('path', d - 1)}.{self.pick('exists', 'is_file', 'is_dir')}()",
            lambda: f"{e('table', d - 1)} == {e('table', d - 1)}",
            lambda: f"set({e('strs', d - 1)}) {self.pick('<=', '==', '&', '-', '^')} set({e('strs', d - 1)}) == set()" if self.chance(40) else f"callable({self.pick('len', '3')})",
            lambda: f"bool(re.{self.needed('import re', self.pick('match', 'search', 'fullmatch'))}({self.pick(repr('a'), repr('.*b'), repr('[a-z]+'))}, {e('str', d - 1)}))",
            lambda: f"hasattr({e('str', d - 1)}, {self.pick(repr('lower'), repr('append'))})",
        )()

    def a_strs(self, d):
        if d <= 0:
            return "[" + ", ".join(repr(self.word()) for _ in range(self.rng.randrange(4))) + "]"
        e = self.expr
        return self.pick(
            lambda: f"{e('str', d - 1)}.split({self.pick(repr(','), '', repr('.'), repr(',') + ', 1')})",
            lambda: f"[x.strip() for x in {e('str', d - 1)}.split(',') if x{self.pick('', '.strip()')}]",
            lambda: f"[{self.pick('x', 'x.lower()', 'x + str(n)')} for n, x in enumerate({e('strs', d - 1)})]",
            lambda: f"{e('strs', d - 1)} + {e('strs', d - 1)}",
            lambda: f"[*{e('strs', d - 1)}, {e('str', d - 1)}, *{e('strs', d - 1)}]",
            lambda: f"sorted({e('strs', d - 1)}{self.pick('', ', reverse=True', ', key=len', ', key=lambda x: x.lower()')})",
            lambda: f"sorted(set({e('strs', d - 1)}))",
            lambda: f"list({e('table', d - 1)}{self.pick('', '.keys()')})",
            lambda: f"{e('strs', d - 1)}[{self.pick('1:', ':2', '::-1', '-2:', '::2')}]",
            lambda: f"list(map({self.pick('str.strip', 'str.upper', 'lambda x: x + chr(33)')}, {e('strs', d - 1)}))",
            lambda: f"list(filter({self.pick('None', 'lambda x: len(x) > 1', 'str.isalpha')}, {e('strs', d - 1)}))",
            lambda: f"[x for xs in ({e('strs', d - 1)}, {e('strs', d - 1)}) for x in xs if x not in {e('strs', d - 1)}]",
            lambda: f"list(dict.fromkeys({e('strs', d - 1)}))",
            lambda: f"({e('strs', d - 1)} or {e('strs', d - 1)})",
            lambda: f"{e('strs', d - 1)} * {self.pick(0, 1, 2)}",
            lambda: f"os.environ.get({self.env('strs')!r}, {e('str', 0)}).split(',')",
            lambda: f"list({e('str', d - 1)})",
            lambda: f"[f'{{k}}={{v}}' for k, v in {e('table', d - 1)}.items()]",
            lambda: f"[a + b for a, b in zip({e('strs', d - 1)}, {e('strs', d - 1)})]",
            lambda: f"json.loads({self.needed('import json', repr('[' + chr(34) + 'a' + chr(34) + ', ' + chr(34) + 'b' + chr(34) + ']'))})",
            lambda: f"list(itertools.chain({self.needed('import itertools', e('strs', d - 1))}, {e('strs', d - 1)}))",
            lambda: f"list(itertools.chain.from_iterable([{self.needed('import itertools', e('strs', d - 1))}, {e('strs', d - 1)}]))",
            lambda: f"re.split({self.pick(repr('[,;]'), repr(chr(92) + 's*,' + chr(92) + 's*'))}, {self.needed('import re', e('str', d - 1))})",
            lambda: f"{e('str', d - 1)}.splitlines()",
            lambda: f"copy.deepcopy({self.needed('import copy', e('strs', d - 1))})",
            lambda: f"shlex.split({self.needed('import shlex', repr('a --b=1 ' + chr(34) + 'c d' + chr(34)))})",
        )()

    def a_ints(self, d):
        if d <= 0:
            return "[" + ", ".join(str(self.rng.randrange(9)) for _ in range(self.rng.randrange(4))) + "]"
        e = self.expr
        return self.pick(
            lambda: f"list(range({self.pick('4', '1, 5', '5, 0, -2')}))",
            lambda: f"[len(x) for x in {e('strs', d - 1)}]",
            lambda: f"list({e('table', d - 1)}.values())",
            lambda: f"sorted({e('ints', d - 1)})",
            lambda: f"[int(x) for x in {e('strs', d - 1)} if x.isdigit()]",
            lambda: f"[n * 2 if n % 2 else n for n in {e('ints', d - 1)}]",
            lambda: f"[v for _, v in sorted({e('table', d - 1)}.items())]",
            lambda: f"[{e('int', d - 1)}, {e('int', d - 1)}]",
            lambda: f"{e('ints', d - 1)} + {e('ints', d - 1)}",
        )()

    def a_table(self, d):
        if d <= 0:
            return "{" + ", ".join(f"{self.word()!r}: {n}" for n in range(self.rng.randrange(4))) + "}"
        e = self.expr
        return self.pick(
            lambda: f"{{**{e('table', d - 1)}, {e('str', d - 1)}: {e('int', d - 1)}}}",
            lambda: f"{e('table', d - 1)} | {e('table', d - 1)}",
            lambda: f"{{x: len(x) for x in {e('strs', d - 1)}{self.pick('', ' if x')}}}",
            lambda: f"dict(a={e('int', d - 1)}, b={e('int', d - 1)})",
            lambda: f"dict(zip({e('strs', d - 1)}, {e('ints', d - 1)}))",
            lambda: f"dict({e('table', d - 1)}{self.pick('', ', extra=1')})",
            lambda: f"{{k: v for k, v in {e('table', d - 1)}.items() if v {self.pick('>', '!=')} {e('int', 0)}}}",
            lambda: f"dict([{e('pair', d - 1)}, {e('pair', d - 1)}])",
            lambda: f"dict.fromkeys({e('strs', d - 1)}, {e('int', 0)})",
            lambda: f"{e('table', d - 1)}.copy()",
            lambda: f"dict(sorted({e('table', d - 1)}.items(){self.pick('', ', key=lambda kv: kv[1]')}))",
            lambda: f"json.loads({self.needed('import json', repr('{' + chr(34) + 'a' + chr(34) + ': 1}'))})",
        )()

    def a_nested(self, d):
        e = self.expr
        return self.pick(
            lambda: f"{{'default': {{'NAME': {e('str', d - 1)}, 'OPTIONS': {e('table', d - 1)}}}, 'list': {e('strs', d - 1)}}}",
            lambda: f"{{'default': dict(NAME={e('str', d - 1)}, ON={e('bool', d - 1)}), 'list': [{e('str', d - 1)}]}}",
        )()

    def a_maybe(self, d):
        if d <= 0:
            return self.pick("None", repr(self.word()))
        e = self.expr
        return self.pick(
            lambda: f"({e('str', d - 1)} if {e('bool', d - 1)} else None)",
            lambda: f"os.environ.get({self.env('str')!r})",
            lambda: f"{{'a': {e('str', d - 1)}}}.get({e('str', d - 1)})",
            lambda: f"({e('str', d - 1)} or None)",
            lambda: f"next(iter({e('strs', d - 1)}), None)",
        )()

    def a_pair(self, d):
        e = self.expr
        return f"({e('str', d - 1)}, {e('int', d - 1)})"

    def a_path(self, d):
        self.need("from pathlib import Path")
        e = self.expr
        if d <= 0:
            return self.pick("Path(__file__).resolve().parent", "Path('/srv/app')", "Path('var') / 'run'")
        return self.pick(
            lambda: f"{e('path', d - 1)} / {self.pick(repr('data'), repr('../x'), repr('a.tar.gz'), repr('.hidden'))}",
            lambda: f"{e('path', d - 1)}.parent",
            lambda: f"{e('path', d - 1)}.joinpath('a', 'b.txt')",
            lambda: f"Path(str({e('path', d - 1)}))",
            lambda: f"{e('path', d - 1)}.with_suffix('.log')",
            lambda: f"{e('path', d - 1)}.with_name('other')",
            lambda: f"{e('path', d - 1)}.parents[0]",
        )()

    # Statements.

    KINDS = ["int", "str", "str", "bool", "strs", "strs", "ints", "table", "nested", "maybe", "pair", "path"]

    def statement(self):
        self.pick(
            self.assign, self.assign, self.assign, self.change, self.change, self.loop, self.attempt, self.branch,
            self.function, self.call, self.unpack, self.alias, self.klass, self.several, self.remove, self.matches,
        )()

    def assign(self):
        kind, name = self.rng.choice(self.KINDS), self.fresh()
        note = f": {self.pick('object', 'str')}" if self.chance(10) else ""
        self.add(f"{name}{note} = {self.expr(kind, self.pick(1, 2, 2, 3))}", [(name, kind)])

    def of(self, kind):
        if not self.names[kind]:
            name = self.fresh()
            while not self.add(f"{name} = {self.expr(kind, 1)}", [(name, kind)]):
                pass
        return self.rng.choice(self.names[kind])

    def change(self):
        e = self.expr
        self.add(self.pick(
            lambda: f"{self.of('strs')}.append({e('str', 1)})",
            lambda: f"{self.of('strs')}.insert({self.pick(0, 1, -1)}, {e('str', 1)})",
            lambda: f"{self.of('strs')}.extend({e('strs', 1)})",
            lambda: f"{self.of('strs')} += {self.pick(e('strs', 1), '(' + e('str', 1) + ',)')}",
            lambda: f"{self.of('strs')}.{self.pick('reverse()', 'sort()', 'pop()', 'pop(0)', 'clear()', 'sort(key=len, reverse=True)')}",
            lambda: f"{self.of('strs')}[{self.pick(0, -1)}] = {e('str', 1)}",
            lambda: f"{self.of('strs')}[{self.pick('1:1', ':1', '0:0', '1:')}] = {e('strs', 1)}",
            lambda: f"{self.of('strs')}.remove({e('str', 1)})",
            lambda: f"del {self.of('strs')}[{self.pick('0', '-1', '1:')}]",
            lambda: f"{self.of('table')}[{e('str', 1)}] = {e('int', 1)}",
            lambda: f"{self.of('table')}[{e('str', 1)}] += {e('int', 1)}",
            lambda: f"{self.of('table')}.update({self.pick(e('table', 1), 'x=' + e('int', 1), '[' + e('pair', 1) + ']')})",
            lambda: f"{self.of('table')}.setdefault({e('str', 1)}, {e('int', 1)})",
            lambda: f"{self.of('table')} |= {e('table', 1)}",
            lambda: f"{self.of('table')}.pop({e('str', 1)}, None)",
            lambda: f"{self.of('nested')}['default']['OPTIONS'][{e('str', 1)}] = {e('int', 1)}",
            lambda: f"{self.of('nested')}['default']['NAME'] = {e('str', 1)}",
            lambda: f"{self.of('nested')}['default'].setdefault('ON', {e('bool', 1)})",
            lambda: f"{self.of('nested')}['list'].append({e('str', 1)})",
            lambda: f"{self.of('nested')}['list'] += {e('strs', 1)}",
            lambda: f"{self.of('int')} {self.pick('+=', '-=', '*=')} {e('int', 1)}",
            lambda: f"{self.of('str')} += {e('str', 1)}",
            lambda: f"{self.of('bool')} = not {self.of('bool')}",
            lambda: f"globals()[{self.of('str')!r}] = {e('str', 1)}",
            lambda: f"globals().update({{{self.of('int')!r}: {e('int', 1)}}})",
        )())

    def loop(self):
        e, name = self.expr, self.fresh()
        body = self.pick(
            lambda: f"{name} = []\nfor item in {e('strs', 1)}:\n    if {self.pick('not item', 'item in ' + name, 'len(item) > 3')}:\n        {self.pick('continue', 'break')}\n    {name}.append(item{self.pick('', '.strip()', '.upper()')})",
            lambda: f"{name} = []\nfor index, item in enumerate({e('strs', 1)}, {self.pick(0, 1)}):\n    {name} += [f'{{index}}{{item}}']\nelse:\n    {name}.append('end')",
            lambda: f"{name} = []\nfor key, number in {e('table', 1)}.items():\n    if number {self.pick('>', '==')} {e('int', 0)}:\n        {name}.append(key)",
            lambda: f"{name} = []\nwhile len({name}) < {self.pick(1, 3)}:\n    {name}.append({e('str', 0)})",
            lambda: f"{name} = {{}}\nfor item in {e('strs', 1)}:\n    {name}.setdefault(item[:1], []).append(item)\n{name} = sorted({name})",
            lambda: f"{name} = []\nfor variable, text in sorted(os.environ.items()):\n    if variable.startswith({self.needed('import os', repr('APP_'))}):\n        {name}.append(text)",
        )()
        self.add(body, [(name, "strs")])

    def attempt(self):
        e, name = self.expr, self.fresh()
        kind = self.pick("int", "str")
        risky = {
            "int": [lambda: f"int({e('str', 1)})", lambda: f"{e('table', 1)}[{e('str', 1)}]", lambda: f"{e('ints', 1)}[5]", lambda: f"{e('int', 1)} // {e('int', 1)}", lambda: f"{e('strs', 1)}.index({e('str', 1)})", lambda: f"int(os.environ[{self.env('int')!r}])", lambda: f"undefined_name + {e('int', 1)}"],
            "str": [lambda: f"os.environ[{self.env('str')!r}]", lambda: f"{e('strs', 1)}[3]", lambda: f"{e('str', 1)} + {e('maybe', 1)}", lambda: f"{e('maybe', 1)}.upper()", lambda: f"open('absent.txt').read()", lambda: f"{{}}[{e('str', 1)}]"],
        }[kind]
        caught = self.pick("Exception", "(KeyError, ValueError, IndexError, TypeError, AttributeError, ZeroDivisionError, OSError, NameError)", "Exception as problem", "LookupError")
        text = f"try:\n    {name} = {self.rng.choice(risky)()}\nexcept {caught}:\n    {name} = {e(kind, 1)}"
        if self.chance(20):
            text += f"\nelse:\n    {name} = {e(kind, 1)}"
        if self.chance(20):
            done = self.fresh()
            self.add(text + f"\nfinally:\n    {done} = {e('int', 1)}", [(name, kind), (done, "int")])
        else:
            self.add(text, [(name, kind)])

    def branch(self):
        e, name, kind = self.expr, self.fresh(), self.rng.choice(self.KINDS)
        text = f"if {e('bool', 2)}:\n    {name} = {e(kind, 1)}\n"
        if self.chance(40):
            text += f"elif {e(self.pick('bool', 'str', 'strs'), 1)}:\n    {name} = {e(kind, 1)}\n"
        self.add(text + f"else:\n    {name} = {e(kind, 1)}", [(name, kind)])

    def function(self):
        e, name = self.expr, f"helper_{self.count}"
        self.count += 1
        text, call = self.pick(
            lambda: (f"def {name}(text, default=None, *, cast=str):\n    value = text.strip() or default\n    if value is None:\n        return cast()\n    return cast(value)", ("str", lambda: f"{name}({e('str', 1)}{self.pick('', ', ' + e('str', 1), ', default=' + e('str', 0))})")),
            lambda: (f"def {name}(name, default=False):\n    value = os.environ.get(name)\n    if value is None:\n        return default\n    return value.strip().lower() in ('1', 'true', 'yes', 'on'){self.needed('import os', '')}", ("bool", lambda: f"{name}({self.env('bool')!r}{self.pick('', ', True', ', default=' + e('bool', 1))})")),
            lambda: (f"def {name}(*parts, sep='/', **more):\n    return sep.join([p for p in parts if p] + [k + str(v) for k, v in more.items()])", ("str", lambda: f"{name}({e('str', 1)}, *{e('strs', 1)}{self.pick('', ', sep=' + e('str', 0), ', port=1', ', **' + e('table', 0))})")),
            lambda: (f"def {name}(items, seen=None):\n    seen = seen if seen is not None else []\n    for item in items:\n        if item not in seen:\n            seen.append(item)\n    return seen", ("strs", lambda: f"{name}({e('strs', 1)}{self.pick('', ', ' + e('strs', 1))})")),
            lambda: (f"def {name}(n):\n    if n <= 1:\n        return 1\n    return n * {name}(n - 1)", ("int", lambda: f"{name}({self.pick(0, 3, 5)})")),
            lambda: (f"def {name}(factor):\n    total = 0\n    def inner(number):\n        nonlocal total\n        total += number * factor\n        return total\n    return inner", ("int", lambda: f"{name}({e('int', 0)})({e('int', 1)})")),
            lambda: (f"def {name}(text):\n    for part in text.split(','):\n        yield part.strip()", ("strs", lambda: f"{self.pick('list', 'sorted')}({name}({e('str', 1)}))")),
            lambda: (f"def {name}(text):\n    try:\n        return int(text)\n    except ValueError:\n        return {e('int', 0)}\n    finally:\n        pass", ("int", lambda: f"{name}({e('str', 1)})")),
            lambda: (f"{name} = lambda text, n=2: text[:n]", ("str", lambda: f"{name}({e('str', 1)}{self.pick('', ', 4')})")),
            lambda: (f"{name} = functools.partial(int, base={self.needed('import functools', '2')})", ("int", lambda: f"{name}({self.pick(repr('101'), repr('1'))})")),
            lambda: (f"@functools.{self.needed('import functools', self.pick('lru_cache(maxsize=None)', 'cache'))}\ndef {name}(text):\n    return text.upper()", ("str", lambda: f"{name}({e('str', 1)})")),
        )()
        if self.add(text):
            self.functions.append(call)

    def call(self):
        if self.functions:
            kind, write = self.rng.choice(self.functions)
            name = self.fresh()
            self.add(f"{name} = {write()}", [(name, kind)])

    def unpack(self):
        e, one, two = self.expr, self.fresh(), self.fresh()
        text, kinds = self.pick(
            lambda: (f"{one}, {two} = {e('pair', 1)}", ("str", "int")),
            lambda: (f"{one}, *{two} = {e('strs', 1)}", ("str", "strs")),
            lambda: (f"*{one}, {two} = {e('strs', 1)}", ("strs", "str")),
            lambda: (f"({one}, _), {two} = {e('pair', 1)}, {e('bool', 1)}", ("str", "bool")),
            lambda: (f"{one} = {two} = {e('strs', 1)}", ("strs", "strs")),
            lambda: (f"{one} = [*{e('str', 1)}.split(',')]\n{two} = [*{e('str', 0)}.upper().split(), *{one}]", ("strs", "strs")),
            lambda: (f"{two.lower()} = iter(['a', *{e('strs', 1)}])\n{one} = next({two.lower()})\n{two} = [*{two.lower()}]", ("str", "strs")),
            lambda: (f"[{one}, {two}] = {e('int', 1)}, {e('str', 1)}", ("int", "str")),
        )()
        self.add(text, list(zip((one, two), kinds)))

    def alias(self):
        kind, name = self.pick("strs", "table", "nested"), self.fresh()
        source = self.of(kind)
        self.add(f"{name} = {source}{self.pick('', '', '.copy()')}", [(name, kind)])

    def klass(self):
        e, name, one, two = self.expr, f"Thing{self.count}", self.fresh(), self.fresh()
        self.need("from dataclasses import dataclass")
        text, gives = self.pick(
            lambda: (f"class {name}:\n    size = {e('int', 1)}\n    def __init__(self, label):\n        self.label = label\n    @property\n    def full(self):\n        return self.label + str(self.size)\n{one} = {name}({e('str', 1)}).full\n{two} = {name}.size", ("str", "int")),
            lambda: (f"@dataclass\nclass {name}:\n    label: str\n    size: int = {self.pick(1, 2)}\n    def text(self):\n        return f'{{self.label}}:{{self.size}}'\n{one} = {name}({e('str', 1)}).text()\n{two} = {name}(label='x', size={e('int', 1)}).size", ("str", "int")),
            lambda: (f"class {name}:\n    @staticmethod\n    def low(text):\n        return text.lower()\n    @classmethod\n    def size(cls):\n        return {e('int', 1)}\n{one} = {name}.low({e('str', 1)})\n{two} = {name}.size()", ("str", "int")),
            lambda: (f"class {name}:\n    def __getitem__(self, key):\n        return key.upper()\n    def __contains__(self, key):\n        return key in {e('strs', 1)}\n{one} = {name}()[{e('str', 1)}]\n{two} = int({e('str', 1)} {self.pick('in', 'not in')} {name}())", ("str", "int")),
            lambda: (f"class {name}:\n    LABEL = {e('str', 1)}\n    SIZE = {e('int', 1)}\n{one} = vars({name})['LABEL']\n{two} = len([key for key in vars({name}) if key.isupper()])", ("str", "int")),
            lambda: (f"class {name}(dict):\n    pass\n{one} = {e('str', 1)}\n{two} = len({name}(a=1))", ("str", "int")),
            lambda: (f"class Base{name}:\n    label = {e('str', 1)}\n    def text(self):\n        return self.label\nclass {name}(Base{name}):\n    def text(self):\n        return super().text() + '!'\n{one} = {name}().text()\n{two} = int(issubclass({name}, Base{name}))", ("str", "int")),
        )()
        self.add(text, list(zip((one, two), gives)))

    def several(self):
        e, one, two = self.expr, self.fresh(), self.fresh()
        self.add(f"{one} = {e('strs', 1)}; {two} = {e('str', 1)}", [(one, "strs"), (two, "str")])

    def remove(self):
        name = self.fresh()
        self.add(f"{name} = {self.expr('int', 1)}\ndel {name}")

    def matches(self):
        e, name = self.expr, self.fresh()
        self.add(
            f"match {e('str', 1)}:\n    case 'a' | 'alpha':\n        {name} = 1\n    case '':\n        {name} = 2\n    case other if other.isdigit():\n        {name} = 3\n    case _:\n        {name} = {e('int', 1)}",
            [(name, "int")],
        )
