//! Why bytes or a call were refused. The numbers are the C ABI: a code is never reused, and
//! `src/format/generated/layout.ts` is generated from this enum.

pub const Fault = enum(u32) {
    none = 0,

    // Fields of docs/format.md, named as the TypeScript codec names them.
    header = 1,
    magic = 2,
    config_version = 3,
    terminal_mode = 4,
    checksum = 5,
    state = 6,
    seal = 7,
    body = 8,
    package_count = 9,
    packages = 10,
    sections = 11,
    section = 12,
    section_tag = 13,
    section_length = 14,
    flag_table = 15,
    flag_bit = 16,
    flag_name_length = 17,
    flag_name = 18,
    flag_name_padding = 19,
    record = 20,
    check_byte = 21,

    /// Another record was loaded into this process before.
    loaded = 32,
    /// An argument of a call is out of its range.
    argument = 33,
    /// This platform has no such thing.
    unsupported = 34,
    not_a_terminal = 35,
    /// The operating system refused.
    system = 36,

    url_invalid = 56,
    /// Only a full URL parser can tell the canonical form.
    url_not_plain = 57,
    url_size = 58,
};

/// What a check of bytes says: the first rule that they break, and where.
pub const Verdict = extern struct {
    fault: Fault,
    /// Bytes from the start of what was checked; 0 when `fault` is `none`.
    offset: u32,
    /// 1 for a file that carries a signature: its structure was checked, its signature was not.
    signed: u32,

    pub const whole: Verdict = .{ .fault = .none, .offset = 0, .signed = 0 };

    pub fn at(fault: Fault, offset: usize) Verdict {
        return .{ .fault = fault, .offset = @intCast(offset), .signed = 0 };
    }
};
