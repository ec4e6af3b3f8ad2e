/** Where the parts meet: the reconciler, its event sources and the beans it is made of. */
@NullMarked
package dev.megalodon.operator.controller;

import org.jspecify.annotations.NullMarked;
