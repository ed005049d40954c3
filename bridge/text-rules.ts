/** The rules for what people type and the way commands fail, for screens, which import nothing but the bridge. */
export {
  displayNameSchema,
  emailSchema,
  limits,
  ParleyError,
  passwordSchema,
  phoneSchema,
  usernameSchema,
  type ErrorCode,
} from '../protocol/index.ts';
