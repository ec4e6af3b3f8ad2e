/**
 * Which way of exchanging the carried state of a chunk group is faster here: what the links do is
 * measured, the rest is arithmetic, and every rank comes to the same answer.
 */
@NullMarked
package dev.megalodon.trainer.parallel.cost;

import org.jspecify.annotations.NullMarked;
