/** How this program logs: one line on standard error for each event. */
@NullMarked
package dev.megalodon.trainer.cli.logging;

import org.jspecify.annotations.NullMarked;
