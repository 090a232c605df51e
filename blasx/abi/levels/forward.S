/* SPDX-License-Identifier: Apache-2.0 */
/* Levels 1 and 2, forwarded whatever their arguments and results are: a jump through a slot, which is empty until the first
 * call and is then filled like a PLT's, with every register that can hold an argument kept. Slots start as zeros, so
 * loading the library relocates none of them. */
#include "blasx/abi/levels/spellings.h"

#define EMIT(symbol, reference, wide) forward symbol ;
#define EMIT_ALIAS(symbol, primary) forward_alias symbol, primary ;
#define BLASX_FORTRAN(name) BLASX_FORWARD_FORTRAN(EMIT, EMIT_ALIAS, name)
#define BLASX_CBLAS(name) BLASX_FORWARD_CBLAS(EMIT, EMIT_ALIAS, name)

.set blasx_index, 0

.macro forward_alias symbol, primary
    .globl \symbol
    .type \symbol, %function
    .set \symbol, \primary
.endm

#if defined(__x86_64__)

/* r11 is nobody's argument. */
.macro forward symbol
    .globl \symbol
    .type \symbol, %function
    .p2align 4
\symbol:
    .cfi_startproc
    endbr64
    movq blasx_forward_slots + 8 * blasx_index(%rip), %r11
    testq %r11, %r11
    jz 1f
    jmp *%r11
1:  movl $blasx_index, %r11d
    jmp blasx_forward_first
    .cfi_endproc
    .size \symbol, . - \symbol
    .set blasx_index, blasx_index + 1
.endm

    .text
    .type blasx_forward_first, %function
blasx_forward_first:
    .cfi_startproc
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rax
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %r8
    pushq %r9
    pushq %r10
    subq $128, %rsp
    movups %xmm0, (%rsp)
    movups %xmm1, 16(%rsp)
    movups %xmm2, 32(%rsp)
    movups %xmm3, 48(%rsp)
    movups %xmm4, 64(%rsp)
    movups %xmm5, 80(%rsp)
    movups %xmm6, 96(%rsp)
    movups %xmm7, 112(%rsp)
    movl %r11d, %edi
    call blasx_forward_resolve
    movq %rax, %r11
    movups (%rsp), %xmm0
    movups 16(%rsp), %xmm1
    movups 32(%rsp), %xmm2
    movups 48(%rsp), %xmm3
    movups 64(%rsp), %xmm4
    movups 80(%rsp), %xmm5
    movups 96(%rsp), %xmm6
    movups 112(%rsp), %xmm7
    addq $128, %rsp
    popq %r10
    popq %r9
    popq %r8
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    popq %rax
    popq %rbp
    .cfi_def_cfa %rsp, 8
    jmp *%r11
    .cfi_endproc
    .size blasx_forward_first, . - blasx_forward_first

/* Stands for a function the host BLAS has not: whatever its result type is, the result is zero. */
    .hidden blasx_forward_missing
    .globl blasx_forward_missing
    .type blasx_forward_missing, %function
blasx_forward_missing:
    .cfi_startproc
    endbr64
    xorl %eax, %eax
    xorps %xmm0, %xmm0
    xorps %xmm1, %xmm1
    ret
    .cfi_endproc
    .size blasx_forward_missing, . - blasx_forward_missing

#elif defined(__aarch64__)

/* x16 and x17 are the registers a PLT may use. */
.macro forward symbol
    .globl \symbol
    .type \symbol, %function
    .p2align 4
\symbol:
    .cfi_startproc
    hint #34
    adrp x16, blasx_forward_slots + 8 * blasx_index
    ldr x16, [x16, #:lo12:blasx_forward_slots + 8 * blasx_index]
    cbz x16, 1f
    br x16
1:  mov w17, #blasx_index
    b blasx_forward_first
    .cfi_endproc
    .size \symbol, . - \symbol
    .set blasx_index, blasx_index + 1
.endm

    .text
    .type blasx_forward_first, %function
blasx_forward_first:
    .cfi_startproc
    stp x29, x30, [sp, #-224]!
    .cfi_def_cfa_offset 224
    .cfi_offset 29, -224
    .cfi_offset 30, -216
    mov x29, sp
    stp x0, x1, [sp, #16]
    stp x2, x3, [sp, #32]
    stp x4, x5, [sp, #48]
    stp x6, x7, [sp, #64]
    str x8, [sp, #80]
    stp q0, q1, [sp, #96]
    stp q2, q3, [sp, #128]
    stp q4, q5, [sp, #160]
    stp q6, q7, [sp, #192]
    mov w0, w17
    bl blasx_forward_resolve
    mov x16, x0
    ldp q6, q7, [sp, #192]
    ldp q4, q5, [sp, #160]
    ldp q2, q3, [sp, #128]
    ldp q0, q1, [sp, #96]
    ldr x8, [sp, #80]
    ldp x6, x7, [sp, #64]
    ldp x4, x5, [sp, #48]
    ldp x2, x3, [sp, #32]
    ldp x0, x1, [sp, #16]
    ldp x29, x30, [sp], #224
    .cfi_restore 29
    .cfi_restore 30
    .cfi_def_cfa_offset 0
    br x16
    .cfi_endproc
    .size blasx_forward_first, . - blasx_forward_first

    .hidden blasx_forward_missing
    .globl blasx_forward_missing
    .type blasx_forward_missing, %function
blasx_forward_missing:
    .cfi_startproc
    hint #34
    mov x0, #0
    movi v0.2d, #0
    movi v1.2d, #0
    ret
    .cfi_endproc
    .size blasx_forward_missing, . - blasx_forward_missing

#else
#error "forwarders are written for x86-64 and AArch64"
#endif

    .hidden blasx_forward_resolve
    .hidden blasx_forward_slots
#include "blasx/abi/levels/levels.def"

    .section .note.GNU-stack, "", %progbits
