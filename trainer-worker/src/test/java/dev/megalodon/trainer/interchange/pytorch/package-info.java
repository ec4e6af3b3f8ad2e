@NullMarked
package dev.megalodon.trainer.interchange.pytorch;

import org.jspecify.annotations.NullMarked;
