@NullMarked
package dev.megalodon.trainer.job;

import org.jspecify.annotations.NullMarked;
