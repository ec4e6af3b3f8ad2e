/** Golden numbers for tests of the trainer: fixtures, devices under test, comparisons. */
@NullMarked
package dev.megalodon.trainer.golden;

import org.jspecify.annotations.NullMarked;
