@NullMarked
package dev.megalodon.trainer.cli;

import org.jspecify.annotations.NullMarked;
