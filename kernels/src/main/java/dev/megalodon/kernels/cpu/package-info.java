/**
 * FLOAT32 on the host's processors: native memory, kernels in the Vector API over {@code float[]}
 * tiles, work split over a small team of threads.
 *
 * <p>Every result has the same bits whatever the number of threads, the width of the processor's
 * vectors (of those with fused multiply-add) and the state of the JIT compiler. Sums over many
 * elements are taken in {@link dev.megalodon.kernels.cpu.Lanes#WIDTH} interleaved partial sums,
 * joined in a fixed order; sums over rows in blocks whose size depends on the shape alone.
 * Exponentials are polynomials in fused multiply-adds; nothing here uses {@code
 * FloatVector.reduceLanes} or transcendental lane-wise operations, whose bits are not fixed.
 *
 * <p>Hot methods are small, with one loop each, over arrays: C2 boxes every vector of a method that
 * it finds too big, and accesses to memory segments are what makes it so.
 */
@NullMarked
package dev.megalodon.kernels.cpu;

import org.jspecify.annotations.NullMarked;
