@NullMarked
package dev.megalodon.crds;

import org.jspecify.annotations.NullMarked;
