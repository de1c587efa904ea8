/** The part of the package that is used; it comes without types. */
declare module 'mjml' {
  interface Options {
    validationLevel: 'strict';
    beautify: boolean;
    keepComments: boolean;
    fonts: Record<string, string>;
  }
  export default function mjml(text: string, options: Options): Promise<{ html: string }>;
}
