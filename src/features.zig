//! Feature flags: bits of one word, and the table that names them.

const flags = @import("format/flags.zig");

pub const Entry = flags.Entry;
pub const find = flags.find;
pub const isEnabled = flags.isEnabled;
pub const maskOf = flags.maskOf;
