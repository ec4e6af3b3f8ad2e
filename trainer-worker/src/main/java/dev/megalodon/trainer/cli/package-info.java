/** The {@code megalodon} command line. */
@NullMarked
package dev.megalodon.trainer.cli;

import org.jspecify.annotations.NullMarked;
