//! What the lexer tells apart (lexer.zig): kinds of tokens, and the words that mean something.

const std = @import("std");

pub const Kind = enum(u8) {
    end,
    unknown,
    /// A name or a keyword.
    word,
    private_name,
    number,
    string,
    /// A template, or the rest of one behind an interpolation.
    template,
    /// A template's text up to and with `${`.
    interpolation,
    regex,
    open_paren,
    close_paren,
    open_brace,
    close_brace,
    open_bracket,
    close_bracket,
    semicolon,
    comma,
    dot,
    optional_dot,
    question,
    colon,
    not,
    and_and,
    or_or,
    nullish,
    /// `=` and what assigns besides.
    assign,
    /// `==`, `!=`, `===`, `!==`.
    equality,
    arrow,
    less,
    greater,
    at,
    /// `++` or `--`.
    step,
    /// Every other.
    operator,
};

/// The words that mean something here. Told apart once, where a word is read.
pub const Word = enum(u8) {
    other,
    as,
    assert,
    asserts,
    await,
    boolean,
    @"break",
    Bun,
    case,
    class,
    config,
    @"continue",
    debugger,
    default,
    delete,
    do,
    @"else",
    extends,
    feature,
    @"for",
    from,
    function,
    @"if",
    import,
    in,
    infer,
    instanceof,
    is,
    keyof,
    new,
    of,
    @"return",
    satisfies,
    throw,
    typeof,
    void,
    @"while",
    with,
    yield,

    pub const Set = std.EnumSet(Word);

    const size_max = 10;

    /// By the length and the first letter, of either case.
    const by_length: [size_max + 1][32][]const Word = table: {
        @setEvalBranchQuota(100_000);
        var table: [size_max + 1][32][]const Word = @splat(@splat(&.{}));
        for (std.enums.values(Word)[1..]) |word| {
            const name = @tagName(word);
            const place = &table[name.len][name[0] & 31];
            place.* = place.* ++ .{word};
        }
        break :table table;
    };

    pub fn parse(text: []const u8) Word {
        if (text.len > size_max) return .other;
        for (by_length[text.len][text[0] & 31]) |word| {
            if (std.mem.eql(u8, @tagName(word), text)) return word;
        }
        return .other;
    }
};

/// Signs behind which an operand stands, and a slash begins a regular expression.
pub const before_operand: std.EnumSet(Kind) = .initMany(&.{
    .open_paren, .open_brace, .open_bracket, .interpolation, .semicolon, .comma,
    .question,   .colon,      .not,          .and_and,       .or_or,     .nullish,
    .assign,     .equality,   .arrow,        .operator,
});

/// Words behind which a slash begins a regular expression, where they are keywords.
pub const before_regex: Word.Set = .initMany(&.{
    .@"return", .typeof, .instanceof, .in, .new,     .delete,
    .void,      .throw,  .case,       .do, .extends, .@"else",
});
/// Words that are names in some places, or behind which a statement can begin.
pub const before_either: Word.Set = .initMany(&.{
    .of, .yield, .await, .default, .@"break", .@"continue", .debugger,
});
/// Of statements whose parenthesis another statement follows.
pub const heads: Word.Set = .initMany(&.{ .@"if", .@"while", .@"for", .with });

/// What a token is, without its place.
pub const Sign = packed struct {
    kind: Kind,
    word: Word = .other,

    pub fn isMemberAccess(sign: Sign) bool {
        return sign.kind == .dot or sign.kind == .optional_dot;
    }
};

pub const Token = struct {
    kind: Kind,
    word: Word = .other,
    /// Offsets in UTF-16 code units, as JavaScript counts.
    start: u32,
    end: u32,
    text: []const u8,
    /// A line ends between this token and the one before.
    line_before: bool,

    pub fn sign(token: Token) Sign {
        return .{ .kind = token.kind, .word = token.word };
    }
};
