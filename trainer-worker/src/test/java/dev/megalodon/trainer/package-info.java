@NullMarked
package dev.megalodon.trainer;

import org.jspecify.annotations.NullMarked;
