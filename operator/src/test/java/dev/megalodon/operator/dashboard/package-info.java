@NullMarked
package dev.megalodon.operator.dashboard;

import org.jspecify.annotations.NullMarked;
