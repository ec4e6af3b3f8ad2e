@NullMarked
package dev.megalodon.trainer.cli.jobs;

import org.jspecify.annotations.NullMarked;
