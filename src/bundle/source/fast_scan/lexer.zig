//! The tokens of JavaScript and TypeScript, as far as they can be told apart without a syntax
//! tree. Where only a parser can say what a character means, or where a literal spells something
//! with escapes, the token is `unknown`.
//!
//! Source: ECMA-262, "Lexical Grammar".

const builtin = @import("builtin");
const std = @import("std");
const tokens = @import("tokens.zig");
const Cursor = @import("cursor.zig").Cursor;
const Kind = tokens.Kind;
const Sign = tokens.Sign;
const Token = tokens.Token;
const Word = tokens.Word;

/// What is open at a place.
const Opener = enum(u8) {
    paren,
    /// Of `if`, `while`, `for` or `with`: a statement follows behind it.
    head_paren,
    brace,
    bracket,
    interpolation,
};

pub const depth_max = 64;

/// By all lexers, copies included: tests hold it against the size of the text.
pub var bytes_read: if (builtin.is_test) usize else void = if (builtin.is_test) 0 else {};

/// A copy of it looks ahead.
pub const Lexer = struct {
    cursor: Cursor,
    /// Whether a single `<` may stand for something else than the start of a JSX element.
    typescript_only: bool,
    openers: [depth_max]Opener = undefined,
    depth: u8 = 0,
    /// What the last bracket closed.
    closed: Opener = .paren,
    last: Sign = .{ .kind = .semicolon },
    before_last: Sign = .{ .kind = .semicolon },
    /// In UTF-16 code units.
    last_end: u32 = 0,

    /// `text` is valid UTF-8 and shorter than 4 GiB.
    pub fn init(text: []const u8, typescript_only: bool) Lexer {
        return .{ .cursor = .init(text), .typescript_only = typescript_only };
    }

    pub fn next(lexer: *Lexer) Token {
        const begin = lexer.cursor.at;
        defer if (builtin.is_test) {
            bytes_read += lexer.cursor.at - begin;
        };
        const line_before = lexer.cursor.skipBlank() orelse return lexer.take(.unknown, lexer.cursor.at, 0, false);
        const start = lexer.cursor.at;
        const surplus = lexer.cursor.surplus;
        const kind = lexer.scan(line_before);
        return lexer.take(kind, start, surplus, line_before);
    }

    fn take(lexer: *Lexer, kind: Kind, start: usize, surplus: usize, line_before: bool) Token {
        const token: Token = .{
            .kind = kind,
            .word = if (kind == .word) .parse(lexer.cursor.text[start..lexer.cursor.at]) else .other,
            .start = @intCast(start - surplus),
            .end = @intCast(lexer.cursor.at - lexer.cursor.surplus),
            .text = lexer.cursor.text[start..lexer.cursor.at],
            .line_before = line_before,
        };
        lexer.before_last = lexer.last;
        lexer.last = token.sign();
        lexer.last_end = token.end;
        return token;
    }

    fn scan(lexer: *Lexer, line_before: bool) Kind {
        if (lexer.cursor.at == lexer.cursor.text.len) return if (lexer.depth == 0) .end else .unknown;
        const byte = lexer.cursor.text[lexer.cursor.at];
        switch (byte) {
            'a'...'z', 'A'...'Z', '_', '$' => return lexer.scanWord(.word),
            '0'...'9' => return lexer.scanNumber(),
            '"', '\'' => return lexer.scanString(byte),
            '`' => {
                lexer.cursor.at += 1;
                return lexer.scanTemplate();
            },
            '/' => return lexer.scanSlash(line_before),
            '#' => {
                if (lexer.cursor.at == 0 or !isWordByte(lexer.cursor.peek(1))) return .unknown;
                lexer.cursor.at += 1;
                return lexer.scanWord(.private_name);
            },
            '.' => return lexer.scanDot(),
            '(', '[', '{', ')', ']', '}' => return lexer.scanBracket(byte),
            '?' => return lexer.scanQuestion(),
            '<' => return lexer.scanLess(),
            '>' => {
                lexer.cursor.at += if (lexer.cursor.peek(1) == '=') 2 else 1;
                return .greater;
            },
            '=', '!' => return lexer.scanEquals(byte),
            ';' => return lexer.single(.semicolon),
            ',' => return lexer.single(.comma),
            ':' => return lexer.single(.colon),
            '@' => return lexer.single(.at),
            '+', '-', '*', '%', '&', '|', '^', '~' => return lexer.scanOperator(byte),
            else => return .unknown,
        }
    }

    fn single(lexer: *Lexer, kind: Kind) Kind {
        lexer.cursor.at += 1;
        return kind;
    }

    fn scanWord(lexer: *Lexer, kind: Kind) Kind {
        while (isWordByte(lexer.cursor.peek(0))) lexer.cursor.at += 1;
        return lexer.endWord(kind);
    }

    /// With what stands behind its dots: `1.0.toFixed` is one token.
    fn scanNumber(lexer: *Lexer) Kind {
        while (isWordByte(lexer.cursor.peek(0)) or lexer.cursor.peek(0) == '.') lexer.cursor.at += 1;
        return lexer.endWord(.number);
    }

    /// A letter beyond ASCII, or one that an escape spells, would belong to the name.
    fn endWord(lexer: *const Lexer, kind: Kind) Kind {
        const byte = lexer.cursor.peek(0);
        return if (byte >= 0x80 or byte == '\\') .unknown else kind;
    }

    fn scanString(lexer: *Lexer, quote: u8) Kind {
        lexer.cursor.at += 1;
        while (lexer.cursor.at < lexer.cursor.text.len) {
            const byte = lexer.cursor.text[lexer.cursor.at];
            switch (byte) {
                '\n', '\r' => return .unknown,
                '\\' => if (!lexer.skipEscape()) return .unknown,
                else => {
                    lexer.cursor.step();
                    if (byte == quote) return .string;
                },
            }
        }
        return .unknown;
    }

    fn scanTemplate(lexer: *Lexer) Kind {
        while (lexer.cursor.at < lexer.cursor.text.len) {
            switch (lexer.cursor.text[lexer.cursor.at]) {
                '`' => return lexer.single(.template),
                '\\' => if (!lexer.skipEscape()) return .unknown,
                '$' => {
                    lexer.cursor.at += 1;
                    if (lexer.cursor.peek(0) != '{') continue;
                    lexer.cursor.at += 1;
                    return if (lexer.open(.interpolation)) .interpolation else .unknown;
                },
                else => lexer.cursor.step(),
            }
        }
        return .unknown;
    }

    /// Whether it cannot stand for a letter or a sign that matters.
    fn skipEscape(lexer: *Lexer) bool {
        switch (lexer.cursor.peek(1)) {
            'n', 'r', 't', 'b', 'f', 'v', '\'', '"', '`', '\\', '$' => {},
            '0' => if (std.ascii.isDigit(lexer.cursor.peek(2))) return false,
            else => return false,
        }
        lexer.cursor.at += 2;
        return true;
    }

    /// What a slash is for depends on what stands before it.
    fn scanSlash(lexer: *Lexer, line_before: bool) Kind {
        const is_regex = tokens.before_operand.contains(lexer.last.kind) or switch (lexer.last.kind) {
            .number, .string, .template, .regex, .close_bracket, .private_name => false,
            .close_paren => if (lexer.closed == .paren) false else return .unknown,
            .word => word: {
                if (lexer.before_last.isMemberAccess()) break :word false;
                if (tokens.before_either.contains(lexer.last.word)) return .unknown;
                break :word tokens.before_regex.contains(lexer.last.word);
            },
            else => return .unknown,
        };
        if (is_regex) return lexer.scanRegex();
        // Behind a type, a line that begins with a slash begins a statement.
        if (line_before) return .unknown;
        lexer.cursor.at += 1;
        if (lexer.cursor.peek(0) != '=') return .operator;
        return lexer.single(.assign);
    }

    fn scanRegex(lexer: *Lexer) Kind {
        var in_class = false;
        lexer.cursor.at += 1;
        while (lexer.cursor.at < lexer.cursor.text.len) {
            const byte = lexer.cursor.text[lexer.cursor.at];
            if (byte == '\n' or byte == '\r' or lexer.cursor.isSeparator()) return .unknown;
            lexer.cursor.step();
            switch (byte) {
                '\\' => {
                    const escaped = lexer.cursor.peek(0);
                    if (escaped < 0x20 or escaped >= 0x80) return .unknown;
                    lexer.cursor.at += 1;
                },
                '[' => in_class = true,
                ']' => in_class = false,
                '/' => if (!in_class) return lexer.scanWord(.regex),
                else => {},
            }
        }
        return .unknown;
    }

    fn scanDot(lexer: *Lexer) Kind {
        if (std.ascii.isDigit(lexer.cursor.peek(1))) return lexer.scanNumber();
        if (lexer.cursor.startsWith("...")) {
            lexer.cursor.at += 3;
            return .operator;
        }
        return lexer.single(.dot);
    }

    fn scanQuestion(lexer: *Lexer) Kind {
        lexer.cursor.at += 1;
        switch (lexer.cursor.peek(0)) {
            '.' => {
                if (std.ascii.isDigit(lexer.cursor.peek(1))) return .question;
                return lexer.single(.optional_dot);
            },
            '?' => {
                lexer.cursor.at += 1;
                return if (lexer.cursor.peek(0) == '=') lexer.single(.assign) else .nullish;
            },
            else => return .question,
        }
    }

    fn scanLess(lexer: *Lexer) Kind {
        // In a script it would begin a comment.
        if (lexer.cursor.startsWith("<!--")) return .unknown;
        const is_double = lexer.cursor.peek(1) == '<';
        lexer.cursor.at += if (is_double) 2 else 1;
        if (lexer.cursor.peek(0) == '=') {
            lexer.cursor.at += 1;
            return if (is_double) .assign else .less;
        }
        return if (is_double) .operator else if (lexer.typescript_only) .less else .unknown;
    }

    fn scanEquals(lexer: *Lexer, byte: u8) Kind {
        lexer.cursor.at += 1;
        if (lexer.cursor.peek(0) == '=') {
            lexer.cursor.at += if (lexer.cursor.peek(1) == '=') 2 else 1;
            return .equality;
        }
        if (byte == '!') return .not;
        return if (lexer.cursor.peek(0) == '>') lexer.single(.arrow) else .assign;
    }

    fn scanOperator(lexer: *Lexer, byte: u8) Kind {
        if (lexer.cursor.startsWith("-->")) return .unknown;
        lexer.cursor.at += 1;
        const is_double = lexer.cursor.peek(0) == byte;
        if (is_double) {
            if (byte == '+' or byte == '-') return lexer.single(.step);
            if (byte == '&' or byte == '|' or byte == '*') lexer.cursor.at += 1;
        }
        if (lexer.cursor.peek(0) == '=' and byte != '~') return lexer.single(.assign);
        if (is_double and byte == '&') return .and_and;
        if (is_double and byte == '|') return .or_or;
        return .operator;
    }

    fn scanBracket(lexer: *Lexer, byte: u8) Kind {
        lexer.cursor.at += 1;
        switch (byte) {
            '(' => {
                const opener: Opener = if (lexer.isHead()) .head_paren else .paren;
                return if (lexer.open(opener)) .open_paren else .unknown;
            },
            '[' => return if (lexer.open(.bracket)) .open_bracket else .unknown,
            '{' => return if (lexer.open(.brace)) .open_brace else .unknown,
            else => {},
        }
        if (lexer.depth == 0) return .unknown;
        lexer.depth -= 1;
        const opener = lexer.openers[lexer.depth];
        switch (byte) {
            ')' => {
                lexer.closed = opener;
                return if (opener == .paren or opener == .head_paren) .close_paren else .unknown;
            },
            ']' => return if (opener == .bracket) .close_bracket else .unknown,
            else => {
                if (opener == .interpolation) return lexer.scanTemplate();
                return if (opener == .brace) .close_brace else .unknown;
            },
        }
    }

    /// Whether a parenthesis here belongs to a statement's head, or perhaps does.
    fn isHead(lexer: *const Lexer) bool {
        if (tokens.heads.contains(lexer.last.word)) return !lexer.before_last.isMemberAccess();
        return lexer.last.word == .await and lexer.before_last.word == .@"for";
    }

    /// Whether a parenthesis is the innermost that is open here.
    pub fn isInParens(lexer: *const Lexer) bool {
        return lexer.depth > 0 and lexer.openers[lexer.depth - 1] == .paren;
    }

    fn open(lexer: *Lexer, opener: Opener) bool {
        if (lexer.depth == depth_max) return false;
        lexer.openers[lexer.depth] = opener;
        lexer.depth += 1;
        return true;
    }
};

fn isWordByte(byte: u8) bool {
    return std.ascii.isAlphanumeric(byte) or byte == '_' or byte == '$';
}
