//! Why bytes or a call were refused. The numbers are the C ABI: a code is never reused, and
//! `src/native/layout.ts` is generated from this enum.

pub const Fault = enum(u32) {
    none = 0,

    // The header (docs/format.md, "Header").
    size = 1,
    magic = 2,
    config_version = 3,
    terminal_mode = 4,
    checksum = 5,
    state = 6,
    seal = 7,

    // The body.
    package_count = 8,
    package_order = 9,
    section_count = 10,
    section_tag = 11,
    section_order = 12,
    section_length = 13,
    section_unknown = 14,
    section_empty = 15,

    // The flag table.
    flag_size = 16,
    flag_bit = 17,
    flag_order = 18,
    flag_name = 19,
    flag_padding = 20,
    flag_duplicate = 21,

    // The 13-byte record.
    record_check = 22,

    // Calls.
    loaded = 32,
    not_loaded = 33,
    argument = 34,
    unsupported = 35,
    not_a_terminal = 36,
    system = 37,

    // The live segment (src/live.zig).
    live_foreign = 48,
    live_torn = 49,

    // A registry URL.
    url_invalid = 56,
    url_not_plain = 57,
    url_size = 58,
};

/// What a check of bytes says: the first rule that they break, and where. `offset` counts from
/// the start of the checked bytes and means nothing when `fault` is `none`.
pub const Verdict = extern struct {
    fault: Fault,
    offset: u32,
    /// 1 for a file that carries a signature: its structure was checked, its signature was not.
    signed: u32,

    pub fn at(fault: Fault, offset: usize) Verdict {
        return .{ .fault = fault, .offset = @intCast(offset), .signed = 0 };
    }
};
