//! Why bytes or a call were refused.

const layout = @import("generated/layout.zig");
const struct_layout = @import("../base/struct_layout.zig");

/// `FAULT` of src/native/abi.ts. The first ones are fields of docs/format.md.
pub const Fault = layout.Fault;

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

comptime {
    struct_layout.check(Verdict, layout.verdict);
}
