/** Inside a shadow root: nothing of the page's style gets in, nothing of this gets out. `--a` is the accent colour, `--c` what reads well on it. */
export const LAUNCHER_STYLE = `
:host{all:initial;--a:#0f766e;--c:#fff}
*{box-sizing:border-box}
button{position:fixed;right:20px;bottom:20px;z-index:2147483000;width:58px;height:58px;padding:0;border:0;border-radius:50%;background:var(--a);color:var(--c);cursor:pointer;box-shadow:0 1px 2px rgba(0,0,0,.2),0 8px 24px rgba(0,0,0,.22);transition:transform .16s,box-shadow .16s;-webkit-tap-highlight-color:transparent}
button:hover{transform:translateY(-2px);box-shadow:0 2px 4px rgba(0,0,0,.2),0 12px 30px rgba(0,0,0,.26)}
button:active{transform:scale(.95)}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px var(--a)}
svg{position:absolute;inset:0;margin:auto;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round;transition:opacity .16s,transform .2s}
svg+svg,.o svg{opacity:0;transform:rotate(-45deg) scale(.6)}
.o svg+svg{opacity:1;transform:none}
i{position:absolute;top:-3px;right:-3px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#dc2626;color:#fff;font:700 12px/22px system-ui,sans-serif;font-style:normal;box-shadow:0 0 0 2px #fff}
i:empty{display:none}
iframe{position:fixed;right:20px;bottom:92px;z-index:2147483000;width:396px;max-width:calc(100vw - 40px);height:min(680px,calc(100vh - 116px));border:0;border-radius:20px;background:transparent;color-scheme:light dark;box-shadow:0 0 0 1px rgba(0,0,0,.06),0 18px 60px rgba(0,0,0,.24);transform-origin:100% 100%;transition:opacity .16s,transform .2s cubic-bezier(.2,.9,.3,1.1),visibility 0s .2s;opacity:0;visibility:hidden;transform:translateY(12px) scale(.97)}
iframe.o{opacity:1;visibility:visible;transform:none;transition-delay:0s}
.l button,.l iframe{right:auto;left:20px;transform-origin:0 100%}
.n button{display:none}
.n iframe{bottom:20px;height:min(680px,calc(100vh - 40px))}
@media(max-width:520px){iframe,.l iframe,.n iframe{inset:0;width:100%;max-width:none;height:100%;height:100dvh;border-radius:0;box-shadow:none}button.o{display:none}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{:host{display:none}}
`;
