/** Tells files that run something when they are opened: programs, scripts, installers, shortcuts, active documents. */
import { endingOf } from './safe-name.ts';

const endings = new Set(
  [
    // Programs, installers and parts of them
    'exe com scr pif cpl msi msp mst msix msixbundle appx appxbundle appinstaller application gadget dll ocx sys drv',
    'app dmg pkg mpkg prefpane workflow action command tool terminal osx scpt scptd applescript',
    'deb rpm run appimage flatpak flatpakref snap apk xapk aab ipa jar jnlp elf so dylib ko',
    // Scripts
    'bat cmd ps1 ps1xml ps2 psc1 psc2 psd1 psm1 vb vbe vbs js jse mjs cjs ws wsf wsc wsh hta sct msh msh1 msh2',
    'sh bash zsh csh ksh fish py pyc pyw pyz pyzw rb pl pm php lua tcl ahk au3 awk reg inf ins isp its nt',
    // Shortcuts, settings and images of disks that lead elsewhere
    'lnk url webloc inetloc fileloc desktop library-ms searchconnector-ms search-ms settingcontent-ms scf theme themepack',
    'iso img vhd vhdx diagcab rdp website mad maf mag mam maq mar mas mat mau mav maw mcf mda mdb mde mdt mdw mdz',
    // Pages and pictures with scripts in them, and documents with macros
    'html htm xhtml xht shtml mht mhtml svg svgz xml xsl xslt chm hlp swf xbap',
    'docm dotm xlsm xltm xlam xll xla pptm potm ppam ppsm sldm accdb accde accdr one onepkg iqy slk wiz odb',
  ].flatMap((line) => line.split(' ')),
);

const types = [
  /^(application|text)\/(x-)?(javascript|ecmascript|jscript|vbscript|html|xhtml\+xml|xml)$/,
  /^(text|application)\/(x-)?(sh|shellscript|csh|python|perl|php|ruby|powershell|bat|desktop|script\..*)$/,
  /^application\/(x-)?(msdownload|msdos-program|dosexec|executable|elf|sharedlib|mach-binary|msi|ms-installer|ms-shortcut)$/,
  /^application\/(java-archive|x-java-.*|hta|x-apple-diskimage|x-iso9660-image|x-shockwave-flash|x-appimage)$/,
  /^application\/(vnd\.microsoft\.portable-executable|vnd\.android\.package-archive|vnd\.debian\.binary-package|x-debian-package|x-rpm)$/,
  /macroenabled/,
  /^image\/svg(\+xml)?$/,
  /\+xml$/,
];

/** @param name made safe: what only looks like the end of it must not count. @param type as `plainType` gives it. */
export function isDangerous(name: string, type: string): boolean {
  return endings.has(endingOf(name)) || types.some((pattern) => pattern.test(type));
}
